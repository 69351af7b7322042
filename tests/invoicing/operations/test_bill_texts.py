"""The operator's own words: drafted by one, published by another, then fixed; old bills keep theirs."""

from datetime import date

import pytest
from django.db import DatabaseError, transaction

from billing_site.core.own_texts import LANGUAGES
from billing_site.documents.own_texts import OwnTextMadeBySamePerson, OwnTextPublished, OwnTextUnsound
from invoicing.models import BillRun, BillText
from invoicing.operations.bill_texts import (
    BillTextDaysUnsound,
    BillTextPlaceUnknown,
    discard_bill_text,
    draft_bill_text,
    edit_bill_text,
    publish_bill_text,
)
from invoicing.operations.invoice_papers import paper_html
from invoicing.queries.papers import get_paper
from tests.factories.invoicing import bill_cycle, invoice_of, make_usage_total
from tests.factories.subscribers import NOW, make_account, make_cycle, make_line

SOUND = dict.fromkeys(LANGUAGES, "Closed on 8 March. Call {phone}.")
SPRING = date(2026, 2, 1)


@pytest.fixture
def draft(db, specialist):
    return draft_bill_text(place="NOTICE", texts=SOUND, from_on=SPRING, actor=specialist)


def publish(text, approver):
    return publish_bill_text(text_id=text.pk, published_at=NOW, actor=approver)


def make_bill(**about):
    line = make_line(account=make_account(), **about)
    make_usage_total(line, amount_micro=40_400_000)
    return invoice_of(line, run=bill_cycle(make_cycle()))


def test_published_text_stands_on_the_bills_of_later_runs(draft, approver):
    publish(draft, approver)
    page = paper_html(paper=get_paper(invoice_id=make_bill().pk))

    assert "Closed on 8 March." in page
    assert BillRun.objects.get().template_version.endswith(".1")


def test_bill_of_an_earlier_run_stays_as_it_was(draft, approver):
    bill = make_bill()
    before = paper_html(paper=get_paper(invoice_id=bill.pk))
    publish(draft, approver)

    assert paper_html(paper=get_paper(invoice_id=bill.pk)) == before


@pytest.mark.parametrize("about", [{"category": "STATE"}, {"until_on": date(2026, 2, 20)}])
def test_text_for_others_or_other_days_is_not_printed(db, specialist, approver, about):
    publish(draft_bill_text(place="NOTICE", texts=SOUND, from_on=SPRING, actor=specialist, **about), approver)

    assert "Closed on 8 March." not in paper_html(paper=get_paper(invoice_id=make_bill().pk))


def test_narrower_text_of_a_place_counts_before_a_newer_one(db, specialist, approver):
    for text, category in (("For homes", "HOME"), ("For all", "")):
        texts = dict.fromkeys(LANGUAGES, text)
        drafted = draft_bill_text(place="FOOTER", texts=texts, from_on=SPRING, actor=specialist, category=category)
        publish(drafted, approver)
    page = paper_html(paper=get_paper(invoice_id=make_bill().pk))

    assert ("For homes" in page, "For all" in page) == (True, False)


def test_writer_does_not_publish(draft, specialist):
    with pytest.raises(OwnTextMadeBySamePerson):
        publish(draft, specialist)

    draft.refresh_from_db()
    assert (draft.state, draft.published_n) == ("DRAFT", None)


def test_text_that_misses_a_language_is_kept_as_a_draft_and_not_published(db, specialist, approver):
    text = draft_bill_text(place="NOTICE", texts={**SOUND, "ar": ""}, from_on=SPRING, actor=specialist)

    with pytest.raises(OwnTextUnsound):
        publish(text, approver)
    text.refresh_from_db()
    assert text.is_draft


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"place": "BACK"}, BillTextPlaceUnknown),
        ({"until_on": SPRING}, BillTextDaysUnsound),
        ({"texts": {**SOUND, "en": "Call {fone}"}}, OwnTextUnsound),
    ],
)
def test_text_that_could_never_be_printed_is_refused(db, specialist, change, refusal):
    with pytest.raises(refusal):
        draft_bill_text(**{"place": "NOTICE", "texts": SOUND, "from_on": SPRING, "actor": specialist, **change})

    assert BillText.objects.count() == 0


def test_published_text_is_neither_changed_nor_thrown_away(draft, approver, specialist):
    publish(draft, approver)

    with pytest.raises(OwnTextPublished):
        edit_bill_text(text_id=draft.pk, texts=SOUND, from_on=SPRING, actor=specialist)
    with pytest.raises(OwnTextPublished):
        discard_bill_text(text_id=draft.pk, actor=specialist)
    for change in (BillText.objects.all().delete, lambda: BillText.objects.update(texts={})):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_draft_is_changed_and_thrown_away(draft, specialist):
    texts = dict.fromkeys(LANGUAGES, "Open again.")
    assert edit_bill_text(text_id=draft.pk, texts=texts, from_on=SPRING, actor=specialist).texts == texts

    discard_bill_text(text_id=draft.pk, actor=specialist)
    assert BillText.objects.count() == 0
