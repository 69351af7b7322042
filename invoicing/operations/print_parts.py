"""Parts of print files: some bills rendered after each other, kept beside the stored files until they are joined."""

import functools
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings

from billing_site.documents.pdf import renderer
from invoicing.models import BillDelivery, BillRun, Invoice, PrintPart
from invoicing.operations.credit_papers import credit_note_html
from invoicing.operations.invoice_papers import paper_html
from invoicing.operations.letter_papers import letter_html
from invoicing.queries.credit_notes import CreditCase, get_credit_case
from invoicing.queries.papers import Paper, make_paper


def render_part(*, part: PrintPart) -> tuple[str, list[int]]:
    """
    Render the papers of a part, keep the file, and return its hash and the pages of each place.

    What is withdrawn has no pages; where all of it is, the file is empty.
    """
    rows = BillDelivery.objects.filter(batch_id=part.batch_id, place__range=(part.first_place, part.last_place))
    places = list(rows.order_by("place"))
    wanted = [row for row in places if row.state != BillDelivery.State.WITHDRAWN]
    content = b""
    page_counts: Iterator[int] = iter(())
    if wanted:
        content, counts = renderer().render_numbered(papers=_papers_of(part, wanted))
        page_counts = iter(counts)
    _keep(_path_of(part), content)
    return hashlib.sha256(content).hexdigest(), [next(page_counts) if row in wanted else 0 for row in places]


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


def _papers_of(part: PrintPart, rows: Sequence[BillDelivery]) -> list[Callable[[int], str]]:
    """Return what makes the HTML of each paper, in the order of the rows."""
    invoices = Invoice.objects.in_bulk([row.invoice_id for row in rows if row.invoice_id and not row.credit_note_id])
    run = BillRun.objects.only("reference").filter(pk=part.batch.run_id or 0).first()
    reference = run.reference if run is not None else {}
    return [_html_of_row(row, invoices, reference) for row in rows]


def _html_of_row(row: BillDelivery, invoices: Mapping[int, Invoice], reference: dict[str, Any]) -> Callable[[int], str]:
    if row.frozen is not None:
        return functools.partial(_html_of_letter, row.frozen, row.language)
    if row.credit_note_id:
        return _html_of_note(row.credit_note_id, row.language)
    return _html_of(invoices[row.bill_id], reference, row.language)


def _html_of_letter(frozen: dict[str, Any], language: str, page_count: int) -> str:
    return letter_html(frozen=frozen, language=language, page_count=page_count or 1)


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
