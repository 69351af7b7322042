"""Parts of print files: some bills rendered after each other, kept beside the stored files until they are joined."""

import functools
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from django.conf import settings

from billing_site.documents.pdf import renderer
from invoicing.models import BillDelivery, BillRun, Invoice, PrintPart
from invoicing.operations.credit_papers import credit_note_html
from invoicing.operations.invoice_papers import paper_html
from invoicing.queries.credit_notes import CreditCase, get_credit_case
from invoicing.queries.papers import Paper, make_paper


def render_part(*, part: PrintPart) -> tuple[str, list[int]]:
    """Render the bills of a part, keep the file, and return its hash and the pages of each bill."""
    bills = BillDelivery.objects.filter(batch_id=part.batch_id, place__range=(part.first_place, part.last_place))
    wanted = list(bills.order_by("place").values_list("invoice_id", "credit_note_id", "language"))
    invoices = Invoice.objects.in_bulk([invoice_id for invoice_id, _note_id, _language in wanted])
    reference = BillRun.objects.only("reference").get(pk=part.batch.run_id).reference
    papers = [
        _html_of_note(note_id, language) if note_id else _html_of(invoices[invoice_id], reference, language)
        for invoice_id, note_id, language in wanted
    ]
    content, page_counts = renderer().render_numbered(papers=papers)
    _keep(_path_of(part), content)
    return hashlib.sha256(content).hexdigest(), page_counts


def find_part(*, part: PrintPart) -> bytes:
    """Return the file of a part; made again if it is gone or not what it was."""
    path = _path_of(part)
    content = path.read_bytes() if path.exists() else b""
    if hashlib.sha256(content).hexdigest() == part.sha256:
        return content
    render_part(part=part)
    return path.read_bytes()


def drop_parts(*, parts: Iterable[PrintPart]) -> None:
    """Throw the files of parts away: the whole is kept."""
    for part in parts:
        _path_of(part).unlink(missing_ok=True)


def _html_of(invoice: Invoice, reference: dict[str, Any], language: str) -> Callable[[int], str]:
    """Return what makes a bill's HTML; the bill is read when it is its turn, so that the database never waits long."""

    @functools.cache
    def paper() -> Paper:
        return make_paper(invoice=invoice, reference=reference, language=language)

    return lambda page_count: paper_html(paper=paper(), page_count=page_count)


def _html_of_note(credit_note_id: int, language: str) -> Callable[[int], str]:
    """Return what makes the HTML of a credit note, read when it is its turn."""

    @functools.cache
    def case() -> CreditCase:
        return get_credit_case(credit_note_id=credit_note_id, language=language)

    return lambda page_count: credit_note_html(case=case(), language=language, page_count=page_count or 1)


def _path_of(part: PrintPart) -> Path:
    return Path(settings.SALDO_FILES_ROOT) / "print-parts" / f"{part.pk}.pdf"


def _keep(path: Path, content: bytes) -> None:
    """Write under a temporary name and rename: the file is whole or absent."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
    Path(temporary).replace(path)
