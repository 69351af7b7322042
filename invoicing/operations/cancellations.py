"""
Bills taken back whole: the credit note takes all that is left of them, and frees what they had charged.

Usage totals, days, one-off prices, promotions and what contracts bring come onto the next bill of the account, or onto
the bill calculated in place of the old one; the database lets each be charged by one living bill only. What another
account paid of it is given back to that one on its next bill, and what it paid of others waits for its own.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.periods import bill_periods
from billing_site.db.constraints import constraint_errors
from billing_site.db.sql import fetch_sql, run_sql
from billing_site.db.transactions import durable, lock_rows, transaction_required
from billing_site.identity.models import User
from invoicing.models import BillRun, CreditNote, CreditReason, Invoice
from invoicing.operations.charged_rows import forget_billed
from invoicing.operations.credit_notes import (
    LetterMissing,
    OwnCreditNote,
    lock_owed_bill,
    new_credit_note,
    post_correction,
    refuse_disputed,
)
from invoicing.operations.credit_posting import post_credit_notes
from invoicing.operations.dispute_answers import end_disputes_of_bills
from invoicing.operations.letters import NewLetter, register_letter
from subscribers.models import Account, BillCycle

RUN_UNDONE = "RUN_UNDONE"


class CreditNoteWaits(BillingError):
    """Another credit note of the bill waits for a second person."""

    default_message = gettext_noop("A credit note of this bill waits for a second person: decide about it first.")
    default_code = "CREDIT_NOTE_WAITS"


class BillRunAtWork(BillingError):
    """Bills of the account's cycle are being calculated at this moment."""

    default_message = gettext_noop("Bills of this cycle are being calculated. Take the bill back when that is done.")
    default_code = "BILL_RUN_AT_WORK"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    """How many bills of a set were taken back now, and what they came to, tax included, in minor units."""

    bill_count: int
    gross_minor: int


@transaction_required
def cancel_invoices(
    *, invoice_ids: Sequence[int], issued_on: date, asked_by: User, done_by: User, note: str, at: datetime
) -> Cancelled:
    """
    Take a set of posted bills back, as when a whole run is undone: what is not posted any more is left alone.

    A handful of statements for thousands of bills; called again with the same bills it does nothing. Notes that wait
    for a second person are declined: nothing is left to take back. Disputes that are open end, and who opened them is
    told.

    :param asked_by: who asked for it, ``done_by`` who let it pass: two people
    :raises CreditInClosedPeriod: if the day of issue lies in a closed period
    :raises OwnCreditNote: if both are one person
    """
    if asked_by.pk == done_by.pk:
        raise OwnCreditNote
    rows = lock_rows(Invoice.objects.filter(state=Invoice.State.POSTED), invoice_ids)
    if not rows:
        return Cancelled(bill_count=0, gross_minor=0)
    _decline_waiting([invoice.pk for invoice in rows], actor=done_by, at=at)
    reason = CreditReason.objects.get(code=RUN_UNDONE)
    notes = [
        new_credit_note(invoice=invoice, kind=CreditNote.Kind.UNDO, reason=reason, note=note, actor=asked_by, at=at)
        for invoice in rows
    ]
    write_notes_of_bills(notes)
    _post_cancellations(notes, issued_on=issued_on, decided_by=done_by, at=at)
    end_disputes_of_bills(invoice_ids=[row.pk for row in rows], text=note, ended_by=done_by, at=at)
    return Cancelled(bill_count=len(notes), gross_minor=-sum(one.gross_minor for one in notes))


@durable
def cancel_invoice(
    *, invoice_id: int, reason_id: int, letter: NewLetter | None, note: str, actor: User, at: datetime
) -> CreditNote:
    """
    Take a bill back whole: at once up to the limit, above it when a second person approves.

    What it had charged comes onto the account's next bill.

    :raises BillNotOwed: if the bill is a draft or taken back
    :raises LetterMissing: without a letter
    :raises CreditNoteWaits: if another credit note of the bill waits
    :raises BillInDispute: while a dispute of it is open
    :raises BillRunAtWork: while bills of the account's cycle are being calculated
    """
    made = write_cancellation(
        invoice_id=invoice_id, reason_id=reason_id, letter=letter, note=note, actor=actor, at=at, is_replaced=False
    )
    if abs(made.gross_minor) <= made.limit_minor:
        post_cancellation(note=made, decided_by=actor, at=at)
    return made


@transaction_required
def write_cancellation(
    *,
    invoice_id: int,
    reason_id: int,
    letter: NewLetter | None,
    note: str,
    actor: User,
    at: datetime,
    is_replaced: bool,
) -> CreditNote:
    """Write the credit note of a whole bill, which waits; see ``cancel_invoice`` for the refusals."""
    invoice = lock_owed_bill(invoice_id)
    if letter is None:
        raise LetterMissing
    made = new_credit_note(
        invoice=invoice,
        kind=CreditNote.Kind.CANCELLATION,
        reason=CreditReason.objects.get(pk=reason_id),
        note=note,
        actor=actor,
        at=at,
        letter=register_letter(letter=letter, account_id=invoice.account_id, actor=actor),
    )
    made.is_replaced = is_replaced
    if CreditNote.objects.filter(invoice_id=invoice_id, state=CreditNote.State.PROPOSED).exists():
        raise CreditNoteWaits
    refuse_disputed(invoice_id=invoice_id)
    with constraint_errors({"invoicing_creditnote_cancels_once": CreditNoteWaits}):
        write_notes_of_bills([made])
    return made


@transaction_required
def post_cancellation(*, note: CreditNote, decided_by: User, at: datetime) -> None:
    """
    Post the credit note of a whole bill, mark the bill as taken back, and free what it had charged.

    :raises BillRunAtWork: while bills of the account's cycle are being calculated
    """
    refuse_run_at_work(Account.objects.values_list("cycle_id", flat=True).get(pk=note.account_id))
    _free(notes=[note])
    post_correction(note=note, decided_by=decided_by, at=at)
    _mark_taken_back([note])


@transaction_required
def refuse_run_at_work(cycle_id: int) -> None:
    """
    Hold a cycle, and refuse to free anything while its bills are calculated: a chunk that has read already does not see
    what is freed now, and it would stay unbilled.

    :raises BillRunAtWork: while bills of the cycle are being calculated
    """
    BillCycle.objects.select_for_update(no_key=True).get(pk=cycle_id)
    at_work = [BillRun.State.PLANNED, BillRun.State.CALCULATING]
    if BillRun.objects.filter(cycle_id=cycle_id, state__in=at_work).exists():
        raise BillRunAtWork


def _decline_waiting(invoice_ids: Sequence[int], *, actor: User, at: datetime) -> None:
    waiting = CreditNote.objects.filter(invoice_id__in=invoice_ids, state=CreditNote.State.PROPOSED)
    waiting.update(state=CreditNote.State.DECLINED, decided_by=actor, decided_at=at)


@transaction_required
def write_notes_of_bills(notes: Sequence[CreditNote]) -> None:
    """Write notes of whole bills, which wait, with all that is left of the lines of their bills."""
    left = {row[0]: row[-2:] for row in fetch_sql("invoicing", "read_left_of_bills", _ids(notes))}
    for note in notes:
        net_minor, tax_minor = left[note.invoice_id]
        note.net_minor, note.tax_minor, note.gross_minor = -net_minor, -tax_minor, -(net_minor + tax_minor)
    CreditNote.objects.bulk_create(notes, batch_size=1000)
    run_sql("invoicing", "add_lines_left", {"notes": [note.pk for note in notes]})


def _post_cancellations(notes: Sequence[CreditNote], *, issued_on: date, decided_by: User, at: datetime) -> None:
    _free(notes=notes)
    post_credit_notes(notes=notes, issued_on=issued_on, decided_by=decided_by, at=at)
    _mark_taken_back(notes)


def _free(*, notes: Sequence[CreditNote]) -> None:
    """Write beside notes that wait which periods become free, and from which bill on they may be charged again."""
    periods: dict[int, set[date]] = defaultdict(set)
    for invoice_id, period_from in fetch_sql("invoicing", "find_periods_charged", _ids(notes)):
        periods[invoice_id].add(period_from)
    for invoice_id, bill_day, first_on, until in fetch_sql("invoicing", "find_long_bills", _ids(notes)):
        periods[invoice_id].update(bill_periods(first_on, until=until, bill_day=bill_day))
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('invoicing_invoice', 'id'))")
        freed_after_id = int(cursor.fetchone()[0])
    for note in notes:
        note.freed_periods, note.freed_after_id = sorted(periods[note.invoice_id]), freed_after_id
    CreditNote.objects.bulk_update(notes, ["freed_periods", "freed_after_id"], batch_size=1000)


def _mark_taken_back(notes: Sequence[CreditNote]) -> None:
    """The bill stays readable under its number; what is noted as billed by it may be billed again."""
    bills = [note.invoice_id for note in notes]
    # In this order: what both sides of a pair that is taken back together would carry is nothing.
    run_sql("invoicing", "carry_taken_on", {"invoices": bills})
    run_sql("invoicing", "carry_taken_over", {"invoices": bills})
    Invoice.objects.filter(pk__in=bills).update(state=Invoice.State.CANCELLED)
    forget_billed(bills)


def _ids(notes: Sequence[CreditNote]) -> dict[str, list[int]]:
    return {"invoices": [note.invoice_id for note in notes]}
