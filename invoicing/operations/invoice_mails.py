"""The letter of a bill: subject, HTML and plain text, from the same parts as paper and page."""

import html
import re
from collections.abc import Mapping
from typing import NamedTuple

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.html import strip_tags

from billing_site.documents.mail_styles import with_inline_styles
from invoicing.operations.invoice_papers import bill_context
from invoicing.queries.papers import Paper, get_paper

PAGE, TEXT = "documents/invoice_mail.html", "documents/invoice_mail.txt"
SUBJECT = "documents/invoice_mail_subject.txt"
_MANY_LINES = re.compile(r"\n{3,}")
_LIST_LINES = re.compile(r"\n+(?=- )")
# Not the thin space between groups of digits.
_SPACES = re.compile(r"[ \n]+")


class BillMail(NamedTuple):
    """What a letter says; the PDF is attached by whoever sends it."""

    subject: str
    html: str
    text: str


def bill_mail(*, invoice_id: int, language: str = "") -> BillMail:
    """
    Return the letter of an invoice, in its own language or the one given.

    :raises Invoice.DoesNotExist: if there is no such invoice
    """
    return mail_of_paper(paper=get_paper(invoice_id=invoice_id, language=language))


def mail_of_paper(*, paper: Paper) -> BillMail:
    """Return the letter that goes with a paper, in the paper's language."""
    context = bill_context(paper=paper)
    with translation.override(paper.language):
        return BillMail(
            subject=_SPACES.sub(" ", plain_text(SUBJECT, context)).strip(),
            html=with_inline_styles(render_to_string(PAGE, context)),
            text=plain_text(TEXT, context),
        )


def plain_text(template: str, context: Mapping[str, object]) -> str:
    """Return a template's words without its elements: tags wrap numbers, a plain text has none."""
    text = html.unescape(strip_tags(render_to_string(template, dict(context)))).replace("\u00a0", " ")
    return _LIST_LINES.sub("\n", _MANY_LINES.sub("\n\n", text)).strip() + "\n"
