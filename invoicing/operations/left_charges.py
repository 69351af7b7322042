"""
The extra bill of an account that had its final bill, for what would have come onto its next one.

That is what a bill taken back later gives back to who paid for it, what such a bill had charged, a charge entered late,
a correction of usage. The
bill may be below zero: then the account has a credit, which can be paid out. Usage that came late is decided about by
itself (``held_usage``), and its extra bill takes along what else waits.
"""

from datetime import date, datetime

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.sql import fetch_sql
from billing_site.db.transactions import durable, transaction_required
from billing_site.identity.models import User
from billing_site.ledger.closing import get_closed_through
from invoicing.models import BillRun, FinalBill, FreedSettlement, Invoice
from invoicing.operations.bill_run_posting import BooksClosed
from invoicing.operations.dispute_answers import day_of
from invoicing.operations.single_bills import (
    NotBillable,
    calculate_single,
    lock_with_cycle,
    post_single,
    write_single_run,
)
from invoicing.queries.held_usage import held_usage
from invoicing.queries.left_charges import FREED, first_open_day, freed_from, left_charges
from invoicing.queries.readiness import period_of_day
from subscribers.models import Account

COMES_TO_NOTHING = gettext_noop("it comes to nothing.")
LATER_WOULD_STAY = gettext_noop("a charge of a later day would stay.")


class NothingLeft(BillingError):
    """The account has no such charge, or had no final bill."""

    default_message = gettext_noop("Nothing waits for an extra bill of account %(account)s. Nothing was changed.")
    default_code = "NOTHING_LEFT"


class HeldUsageFirst(BillingError):
    """What is held is billed with the rest, or written off before."""

    default_message = gettext_noop(
        "Usage of account %(account)s is held: decide about it first. Its bill has the rest."
    )
    default_code = "HELD_USAGE_FIRST"


class LeftNotBillable(BillingError):
    """The account's data cannot be billed, or not all that waits."""

    default_message = gettext_noop("What waits of account %(account)s cannot be billed: %(detail)s")
    default_code = "LEFT_NOT_BILLABLE"


@durable
def bill_left_charges(*, account_id: int, due_on: date, at: datetime, actor: User) -> Invoice | None:
    """
    Post an extra bill to an account that had its final bill for everything that waits; a closed account gets it too.

    What a bill taken back had charged may come to nothing by now: then it is settled, and there is no bill.

    :param at: now: its day is the day of issue
    :raises NothingLeft: if nothing waits
    :raises HeldUsageFirst: while usage of the account is held
    :raises BooksClosed: if the day lies in a closed period
    :raises LeftNotBillable: if the account's data cannot be billed, or a charge of a later day would stay behind
    """
    account = lock_with_cycle(account_id)
    final = FinalBill.objects.filter(account=account).first()
    left = left_charges(account_number=account.number)
    if final is None or not left:
        raise NothingLeft(context={"account": account.number})
    if held_usage(today=day_of(at), account_number=account.number):
        raise HeldUsageFirst(context={"account": account.number})
    if day_of(at) <= get_closed_through():
        raise BooksClosed
    period = period_of_day(cycle=account.cycle, on=first_open_day(final=final))
    first = freed_from(account=account, before=period.start)
    run = write_single_run(account=account, period=period, prices_from=first, on=day_of(at), due_on=due_on, actor=actor)
    try:
        invoice_id = calculate_single(run=run, account_id=account.pk, behind_from=period.start, usage_from=first)
    except NotBillable as error:
        raise LeftNotBillable(context={"account": account.number, "detail": error.detail}) from error
    if invoice_id is None and any(one.kind != FREED for one in left):
        raise LeftNotBillable(context={"account": account.number, "detail": COMES_TO_NOTHING})
    post_single(run=run, actor=actor)
    settled = _settle_freed(account, run, actor=actor) if invoice_id is None else []
    if left_charges(account_number=account.number):
        raise LeftNotBillable(context={"account": account.number, "detail": LATER_WOULD_STAY})
    changes = {"run": run.pk, "gross_minor": str(run.gross_minor), "kinds": [one.kind for one in left]}
    changes |= {"settled": settled} if settled else {}
    record("invoicing.bill_left_charges", actor=actor, subject=account, changes=changes)
    return None if invoice_id is None else Invoice.objects.get(pk=invoice_id)


@transaction_required
def _settle_freed(account: Account, run: BillRun, *, actor: User) -> list[int]:
    """Write down that what bills taken back had charged comes to nothing, and return the ids of their credit notes."""
    notes = [int(pk) for (pk,) in fetch_sql("invoicing", "list_freed_notes", {"account_id": account.pk})]
    FreedSettlement.objects.bulk_create(
        FreedSettlement(credit_note_id=note, run=run, settled_by=actor) for note in notes
    )
    return notes
