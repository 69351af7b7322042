"""002-11: the letter of a bill says what the paper says, in the subscriber's language, and fetches nothing."""

import re
from dataclasses import replace
from typing import Any

import pytest
from lxml import html

from billing_site.console.bench.pdf import LANGUAGES, NAMES, sample_paper
from billing_site.core.own_texts import cut_text
from invoicing.operations.invoice_mails import bill_mail, mail_of_paper
from tests.factories.invoicing import bill_cycle, invoice_of, make_usage_total
from tests.factories.subscribers import make_account, make_cycle, make_line


def page_of(letter: str) -> Any:
    return html.document_fromstring(letter)


@pytest.mark.parametrize("language", LANGUAGES)
def test_letter_of_every_language_names_the_amount_and_the_account(language):
    paper = sample_paper(language=language)
    mail = mail_of_paper(paper=paper)

    assert re.search(r"33[,\u202f]000", mail.subject)
    assert "\n" not in mail.subject
    for said in (mail.text, mail.html):
        assert paper.account in said
        assert re.search(r"33[,\u202f]000", said)
    assert NAMES[language][0] in page_of(mail.html).text_content()


def test_letter_fetches_nothing_and_has_its_styles_in_its_elements():
    page = page_of(mail_of_paper(paper=sample_paper(language="ar")).html)

    assert page.xpath("//img | //svg | //link | //script | //style | //@src | //@class") == []
    assert page.get("dir") == "rtl"
    assert all(cell.get("style") for cell in page.xpath("//td"))


def test_letter_has_no_mark_up_in_its_text():
    paper = replace(sample_paper(language="en"), name="A <b>& Co")
    mail = mail_of_paper(paper=paper)

    assert "<" not in mail.text
    assert "&amp;" not in mail.text
    assert "A &lt;b&gt;&amp; Co" in mail.html


def test_letter_opens_with_the_words_of_the_operator():
    paper = sample_paper(language="en")
    paper = replace(paper, texts=replace(paper.texts, mail=cut_text("Dear {name}, please pay {amount} by {due}.")))

    assert "Dear Mary O'Neil-Brown, please pay 33,000 AMD by 2026-03-23." in mail_of_paper(paper=paper).text


def test_letter_of_nothing_to_pay_says_so():
    mail = mail_of_paper(paper=replace(sample_paper(language="en"), to_pay_minor=-1250))

    assert "nothing to pay" in mail.subject
    assert "You have 1,250 AMD in advance." in mail.text


def test_letter_of_an_invoice_is_in_its_language(db):
    line = make_line(account=make_account(language="ru"))
    make_usage_total(line, amount_micro=40_400_000)
    invoice = invoice_of(line, run=bill_cycle(make_cycle()))

    assert 'lang="ru"' in bill_mail(invoice_id=invoice.pk).html
    assert 'lang="hy"' in bill_mail(invoice_id=invoice.pk, language="hy").html
    assert "on your own pages, " in bill_mail(invoice_id=invoice.pk, language="en").html
