"""
The paper of a till's receipt, 80 or 58 mm wide, in the language of who paid.

The same page goes to the printer through the browser and becomes a PDF; what it says is frozen in the receipt.
"""

from collections.abc import Sequence
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation

from billing_site.documents.pdf import renderer
from invoicing.operations.invoice_papers import RIGHT_TO_LEFT
from invoicing.queries.operators import operator_facts
from payments.models import FiscalRegistration, ReceiptPart, TillReceipt
from payments.queries.till_words import METHODS

RECEIPT_PAPER = "documents/till_receipt.html"
# The browser's own sheet: one for the printer at the till and for the PDF.
RECEIPT_STYLE = "../billing_site/static/css/receipt.css"


def receipt_html(*, receipt: TillReceipt, parts: Sequence[ReceiptPart], copy: int = 0, is_pdf: bool = False) -> str:
    """
    Return the page of a receipt in its payer's language; it was read with ``queries.till_receipts.till_receipts``.

    :param copy: which copy it is; nothing: the receipt itself
    :param is_pdf: without the links that a browser needs
    """
    language = str(receipt.facts.get("language") or "en")
    with translation.override(language):
        return render_to_string(RECEIPT_PAPER, {**_context(receipt, parts), "copy": copy, "is_pdf": is_pdf})


def render_receipt(*, receipt: TillReceipt, parts: Sequence[ReceiptPart], copy: int = 0) -> bytes:
    """Return the PDF of a receipt; nothing is kept."""
    html = receipt_html(receipt=receipt, parts=parts, copy=copy, is_pdf=True)
    return renderer().render(html=html, styles=(RECEIPT_STYLE,))[0]


def _context(receipt: TillReceipt, parts: Sequence[ReceiptPart]) -> dict[str, Any]:
    language = str(receipt.facts.get("language") or "en")
    uses = [(number, minor) for number, minor in receipt.facts.get("uses", [])]
    fiscal: FiscalRegistration | None = getattr(receipt, "fiscal", None)
    disputed_minor = int(receipt.facts.get("disputed_minor", 0))
    # As at the till: what is disputed is neither to be paid nor lessens what is there in advance; later parts of a plan
    # are owed, but not asked for.
    after_minor = int(receipt.facts.get("after_minor", 0)) - disputed_minor
    later_minor = max(0, min(after_minor, int(receipt.facts.get("later_minor", 0))))
    return {
        "receipt": receipt,
        "language": language,
        "direction": "rtl" if language in RIGHT_TO_LEFT else "ltr",
        "paper_mm": receipt.till.paper_mm,
        "operator": operator_facts(),
        "name": receipt.facts.get("name", ""),
        "parts": [(METHODS[part.method], part) for part in parts],
        "has_cash": any(part.method == "CASH" for part in parts),
        "uses": uses,
        "advance_minor": receipt.amount_minor - sum(minor for _number, minor in uses),
        "owed_minor": max(0, after_minor - later_minor),
        "favour_minor": max(0, -after_minor),
        "later_minor": later_minor,
        "disputed_minor": disputed_minor,
        "fiscal": fiscal,
    }
