"""The paper of an invoice: its HTML, its PDF, and the PDF kept for speed under the hash of all that decides it."""

from django.template.loader import render_to_string
from django.utils import translation
from segno import make as make_qr

from billing_site.db.transactions import durable, transaction_required
from billing_site.documents.files import path_of, store_file
from billing_site.documents.pdf import TEMPLATE, paper_identity, renderer
from invoicing.models import Invoice, InvoiceRendering
from invoicing.queries.papers import Paper, get_paper

# A guess at how many pages a paper has; a wrong one costs a second rendering, never a wrong number.
LINES_OF_A_PAGE = 34
RIGHT_TO_LEFT = frozenset({"ar"})


def paper_html(*, paper: Paper, page_count: int = 0) -> str:
    """
    Return the page of a paper in its language.

    :param page_count: what the footer says after the stroke; 0 guesses
    """
    with translation.override(paper.language):
        return render_to_string(
            TEMPLATE,
            {
                "paper": paper,
                "page_count": page_count or guess_pages(paper=paper),
                "direction": "rtl" if paper.language in RIGHT_TO_LEFT else "ltr",
                "qr": make_qr(paper.pay_reference, error="m", micro=False).svg_inline(
                    scale=3, border=2, omitsize=True, svgclass="qr", lineclass="qr-dark"
                ),
            },
        )


def guess_pages(*, paper: Paper) -> int:
    """Return how many pages the paper probably has."""
    rows = sum(len(group.lines) + 3 for group in paper.groups) + len(paper.taxes) + 4
    return 1 + max(1, -(-rows // LINES_OF_A_PAGE))


def make_pdf(*, paper: Paper) -> bytes:
    """Return the PDF of a paper, always made anew; equal papers give equal bytes."""
    html = paper_html(paper=paper)
    content, pages = renderer().render(html=html)
    if pages != guess_pages(paper=paper):
        content, _pages = renderer().render(html=paper_html(paper=paper, page_count=pages))
    return content


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
def render_invoice(*, invoice_id: int, language: str = "") -> bytes:
    """
    Return the PDF of an invoice, in its own language or the one given.

    :raises Invoice.DoesNotExist: if there is no such invoice
    """
    return keep_pdf(paper=get_paper(invoice_id=Invoice.objects.only("pk").get(pk=invoice_id).pk, language=language))
