"""The paper of an invoice: its HTML, its PDF, and the PDF kept for speed under the hash of all that decides it."""

from dataclasses import replace
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language_info
from segno import make as make_qr

from billing_site.db.transactions import durable, transaction_required
from billing_site.documents.files import path_of, store_file
from billing_site.documents.pdf import TEMPLATE, paper_identity, renderer
from invoicing.domain.pay_codes import PayFacts, choose_pay_code, pay_payload, slip_line
from invoicing.models import InvoiceRendering
from invoicing.queries.paper_words import words_of
from invoicing.queries.papers import Paper, get_paper
from invoicing.queries.pay_links import sign_bill

# A guess at how many pages a paper has, in ordinary letters and in large print: those before the lines, lines of a
# page, and calls of a page. A wrong one costs a second rendering, never a wrong number.
PAGES, LARGE_PAGES = (1, 34, 50), (3, 14, 18)
RIGHT_TO_LEFT = frozenset({"ar"})
BANK_FACTS = ("bank_name", "bank_account", "bank_code", "bank_clearing_account")


def bill_context(*, paper: Paper) -> dict[str, Any]:
    """
    Return what the parts of a bill (``templates/invoicing/bill``) need, on paper, on a page and in a letter.

    The square and the line of the slip are there where something is to be paid.
    """
    is_owed = paper.asked_minor > 0 and bool(paper.number)
    return {
        "paper": paper,
        "direction": "rtl" if paper.language in RIGHT_TO_LEFT else "ltr",
        "qr": _square(paper) if is_owed else "",
        "slip_line": _slip(paper) if is_owed else "",
        "words": words_of(paper),
        "other_languages": [get_language_info(code) for code, _name in settings.LANGUAGES if code != paper.language],
    }


def paper_html(*, paper: Paper, page_count: int = 0) -> str:
    """
    Return the page of a paper in its language.

    :param page_count: what the footer says after the stroke; 0 guesses
    """
    with translation.override(paper.language):
        return render_to_string(
            TEMPLATE, {**bill_context(paper=paper), "page_count": page_count or guess_pages(paper=paper)}
        )


def guess_pages(*, paper: Paper) -> int:
    """Return how many pages the paper probably has."""
    first, lines, calls = LARGE_PAGES if paper.wishes.is_large_print else PAGES
    rows = sum(len(group.lines) + 3 for group in paper.groups) + len(paper.taxes) + 4
    rows += sum(len(sums.zones) + 3 for sums in paper.zones)
    listed = sum(group.row_count for group in paper.calls.groups) if paper.calls else 0
    return first + max(1, -(-rows // lines)) + -(-listed // calls)


def make_pdf(*, paper: Paper) -> bytes:
    """Return the PDF of a paper, always made anew; equal papers give equal bytes."""
    content, pages = renderer().render(html=paper_html(paper=paper))
    if pages != guess_pages(paper=paper):
        content, _pages = renderer().render(html=paper_html(paper=paper, page_count=pages))
    return content


def _square(paper: Paper) -> SafeString:
    """Return the square that a phone pays from, as SVG."""
    seller = paper.seller
    code = choose_pay_code(named=seller.get("pay_code", ""), country=seller.get("country", ""), currency=paper.currency)
    facts = PayFacts(
        reference=paper.pay_reference,
        bill_number=paper.number,
        amount_minor=paper.due_minor,
        currency=paper.currency,
        digits=paper.currency_digits,
        payee=paper.operator,
        tax_number=seller.get("tax_id", ""),
        link=seller.get("pay_link", ""),
        signature=sign_bill(account_number=paper.pay_reference, bill_number=paper.number),
        **{name: seller.get(name, "") for name in BANK_FACTS},
    )
    drawn = make_qr(pay_payload(code=code, facts=facts), error="m", micro=False)
    svg = drawn.svg_inline(scale=3, border=2, omitsize=True, light="#fff", svgclass="qr", lineclass="qr-dark")
    return mark_safe(svg)  # noqa: S308 - drawn by the library: squares and nothing of a person


def _slip(paper: Paper) -> str:
    """Return the line of the slip; an account whose number does not check, or a huge amount, has none."""
    try:
        return slip_line(reference=paper.pay_reference, amount_minor=paper.due_minor)
    except ValueError:
        return ""


@transaction_required
def keep_pdf(*, paper: Paper) -> bytes:
    """
    Return the PDF of a paper, from what is kept or made and kept now.

    The file is named by its content and written whole or not at all, so a process that dies here leaves at most
    a file that the
    next one makes again with the same bytes.
    """
    identity = paper_identity(html=paper_html(paper=paper))
    kept = InvoiceRendering.objects.filter(identity=identity).select_related("content").first()
    if kept is not None and path_of(kept.content.sha256).exists():
        return path_of(kept.content.sha256).read_bytes()
    content = make_pdf(paper=paper)
    stored = store_file(content, content_type="application/pdf")
    InvoiceRendering.objects.bulk_create(
        [InvoiceRendering(invoice_id=paper.invoice_id, identity=identity, content=stored)], ignore_conflicts=True
    )
    return content


@durable
def render_invoice(*, invoice_id: int, language: str = "", is_large_print: bool | None = None) -> bytes:
    """
    Return the PDF of an invoice, in its own language or the one given.

    :param is_large_print: whatever the subscriber wished; by that wish when left out
    :raises Invoice.DoesNotExist: if there is no such invoice
    """
    paper = get_paper(invoice_id=invoice_id, language=language)
    if is_large_print is not None:
        paper = replace(paper, wishes=replace(paper.wishes, is_large_print=is_large_print))
    return keep_pdf(paper=paper)
