"""A bill as it stands now: what credit notes took back of it, what waits for an answer, what is still to be paid."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet, Sum

from invoicing.models import CreditNote, CreditNoteLine, Dispute, Invoice
from invoicing.queries.credit_notes import credit_notes_for
from invoicing.queries.disputes import disputed_lines_of, disputes_for
from payments.queries.open_items import open_items_of


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnBillState:
    """
    What became of a bill; amounts in minor units, tax included.

    ``disputed_lines`` names the open dispute of a line and ``credited_lines`` what was taken back of it (above zero),
    both by number of the line. ``due_on`` is the day by which the rest is to be paid, ``None`` where there is none.
    """

    gross_minor: int
    credited_minor: int
    disputed_minor: int
    open_minor: int
    due_on: date | None
    credit_notes: Sequence[CreditNote]
    disputes: Sequence[Dispute]
    disputed_lines: Mapping[int, str]
    credited_lines: Mapping[int, int]

    @property
    def corrected_minor(self) -> int:
        """What the bill comes to after its credit notes."""
        return self.gross_minor - self.credited_minor

    @property
    def paid_minor(self) -> int:
        """What has been paid of it."""
        return self.corrected_minor - self.open_minor

    @property
    def due_minor(self) -> int:
        """What is to be paid of it now."""
        return self.open_minor - self.disputed_minor

    @property
    def is_touched(self) -> bool:
        """Whether more happened to it than that it was paid."""
        return bool(self.credit_notes or self.disputes)


def get_own_bill_state(invoice: Invoice) -> OwnBillState:
    """Return how a bill stands now."""
    notes = tuple(posted_notes_of(invoice.pk).order_by("pk"))
    items = open_items_of([invoice.account_id]).get(invoice.account_id, ())
    item = next((one for one in items if one.invoice_id == invoice.pk), None)
    return OwnBillState(
        gross_minor=invoice.gross_minor,
        credited_minor=sum(note.credited_minor for note in notes),
        disputed_minor=item.disputed_minor if item else 0,
        open_minor=item.open_minor if item else 0,
        due_on=item.due_on if item else None,
        credit_notes=notes,
        disputes=tuple(disputes_for(invoice_id=invoice.pk).order_by("-pk")),
        disputed_lines=disputed_lines_of(invoice.pk),
        credited_lines=_credited_lines(invoice.pk),
    )


def posted_notes_of(invoice_id: int) -> QuerySet[CreditNote]:
    """Return the posted credit notes of a bill."""
    return credit_notes_for(invoice_id=invoice_id, state=CreditNote.State.POSTED)


def notes_of_line(invoice_id: int, n: int) -> QuerySet[CreditNote]:
    """Return the posted credit notes that took back something of a line, in order."""
    rows = CreditNoteLine.objects.filter(invoice_id=invoice_id, invoice_n=n)
    return posted_notes_of(invoice_id).filter(pk__in=rows.values("credit_note_id")).order_by("pk")


def _credited_lines(invoice_id: int) -> dict[int, int]:
    notes = posted_notes_of(invoice_id).values("pk")
    rows = CreditNoteLine.objects.filter(invoice_id=invoice_id, credit_note_id__in=notes)
    sums = rows.values("invoice_n").annotate(sum=Sum("gross_minor"))
    return {row["invoice_n"]: -row["sum"] for row in sums}
