"""The paper of a credit note, in the style of the bill; small enough to be made whenever somebody asks for it."""

from datetime import date

from django.template.loader import render_to_string
from django.utils import translation

from billing_site.documents.pdf import renderer
from invoicing.operations.invoice_papers import RIGHT_TO_LEFT
from invoicing.queries.credit_notes import CreditCase

CREDIT_PAPER = "documents/credit_note.html"


def credit_note_html(*, case: CreditCase, language: str, page_count: int = 1) -> str:
    """
    Return the page of a credit note in a language; ``case`` was read in the same one.

    :param page_count: what the footer says after the stroke
    """
    with translation.override(language):
        return render_to_string(
            CREDIT_PAPER,
            {
                "case": case,
                "note": case.note,
                "bill_issued_on": date.fromisoformat(case.note.frozen["bill_issued_on"]),
                "language": language,
                "page_count": page_count,
                "direction": "rtl" if language in RIGHT_TO_LEFT else "ltr",
            },
        )


def render_credit_note(*, case: CreditCase, language: str) -> bytes:
    """Return the PDF of a credit note in a language; nothing is kept."""
    content, pages = renderer().render(html=credit_note_html(case=case, language=language))
    if pages != 1:
        html = credit_note_html(case=case, language=language, page_count=pages)
        content, _pages = renderer().render(html=html)
    return content
