"""
The final bill at the counter: everything rated up to now, fees to the day, posted with a number while somebody waits.

It is a run of one account: calculated and posted by the same steps as any run, in one transaction. The account's
period is cut with it: what was used before and comes later is held, and no bill of anybody takes it up.

Who is paid for on his last day owes the rest only: the payer's part waits for the payer's next bill. Who pays for
others takes on what waits for him, and pays for nobody any more (ADR 0035).
"""

from datetime import date, timedelta

from django.db import transaction

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.periods import bill_period_of
from billing_site.db.crash_points import crash_point
from billing_site.db.transactions import durable, transaction_required
from billing_site.identity.models import User
from billing_site.ledger.balances import balance_of
from billing_site.ledger.models import PeriodLock
from invoicing.models import BillRun, FinalBill, Invoice
from invoicing.operations.bill_run_posting import BooksClosed
from invoicing.operations.review_leavers import take_out_of_review
from invoicing.operations.single_bills import NotBillable, calculate_single, post_single, write_single_run
from invoicing.queries.final_bills import unbilled_from, waiting_usage
from invoicing.queries.papers import Paper, make_paper
from invoicing.queries.readiness import period_of_day
from subscribers.domain.lifecycle import LineState
from subscribers.models import Account, BillCycle, Subscription
from subscribers.operations.accounts import close_open_account, lock_open_account
from subscribers.operations.payers import end_payers
from subscribers.operations.subscriptions import end_line

ONE_DAY = timedelta(days=1)


class FinalBillMade(BillingError):
    """There is one."""

    default_message = gettext_noop("Account %(account)s had its final bill already.")
    default_code = "FINAL_BILL_MADE"


class RunAtWork(BillingError):
    """A run may be billing the account at this moment."""

    default_message = gettext_noop("Bill run %(run)s is being calculated: make the final bill when it is through.")
    default_code = "RUN_AT_WORK"


class FinalBillImpossible(BillingError):
    """The account's data cannot be billed."""

    default_message = gettext_noop("Account %(account)s cannot be billed: %(detail)s")
    default_code = "FINAL_BILL_IMPOSSIBLE"


@durable
def make_final_bill(*, account_id: int, on: date, due_on: date, actor: User) -> FinalBill:
    """
    End the lines of an account after a day, post its final bill, and close it if nothing is owed.

    :param on: today: the last day of the lines, and the day of issue
    :raises AccountIsClosed: if nothing more is sold to the account
    :raises FinalBillMade: if it had its final bill
    :raises RunAtWork: while a run of its cycle is being calculated
    :raises RunInReview: if a run in review has bills of it and of accounts tied to it
    :raises BooksClosed: if the day lies in a closed period
    :raises FinalBillImpossible: if its data cannot be billed
    """
    final = _make(account_id=account_id, on=on, due_on=due_on, actor=actor)
    crash_point("invoicing.make_final_bill.made")
    account = Account.objects.get(pk=account_id)
    if not balance_of(account.ledger_account_id):
        close_open_account(account_id=account_id, closed_on=on, actor=actor)
    return final


def preview_final_bill(*, account_id: int, on: date, due_on: date, actor: User, language: str = "") -> Paper | None:
    """
    Return the paper of the final bill that an account would get, or ``None`` if there is nothing to bill.

    Everything is done and taken back: no line ends, no number is used up.

    :raises BillingError: what ``make_final_bill`` would refuse
    """
    with transaction.atomic(durable=True):
        final = _make(account_id=account_id, on=on, due_on=due_on, actor=actor)
        paper = None
        if final.invoice_id is not None:
            invoice = Invoice.objects.get(pk=final.invoice_id)
            paper = make_paper(invoice=invoice, reference=final.run.reference, language=language or invoice.language)
        transaction.set_rollback(True)
    return paper


@transaction_required
def _make(*, account_id: int, on: date, due_on: date, actor: User) -> FinalBill:
    # The cycle is held as when a run is planned: nobody rates into the period while it is cut for the account.
    cycle_id = Account.objects.values_list("cycle_id", flat=True).get(pk=account_id)
    cycle = BillCycle.objects.select_for_update().get(pk=cycle_id)
    account = lock_open_account(account_id)
    _refuse(account, cycle, on)
    left_from = take_out_of_review(account=account, actor=actor)
    _end_lines(account, on=on, actor=actor)
    end_payers(account_id=account.pk, until_on=on + ONE_DAY, actor=actor)
    period = period_of_day(cycle=cycle, on=on)
    first_on = min(unbilled_from(account=account), left_from or period.start, period.start)
    behind_from = bill_period_of(first_on, cycle.bill_day).start
    run = write_single_run(account=account, period=period, prices_from=behind_from, on=on, due_on=due_on, actor=actor)
    try:
        invoice_id = calculate_single(run=run, account_id=account.pk, behind_from=behind_from, ended_on=on + ONE_DAY)
    except NotBillable as error:
        raise FinalBillImpossible(context={"account": account.number, "detail": error.detail}) from error
    post_single(run=run, actor=actor)
    final = FinalBill.objects.create(
        account=account,
        run=run,
        invoice_id=invoice_id,
        ended_on=on + ONE_DAY,
        open_from=run.period_until,
        waiting=waiting_usage(account_id=account_id).as_json(),
        made_by=actor,
    )
    record(
        "invoicing.make_final_bill",
        actor=actor,
        subject=account,
        changes={"run": run.pk, "ended_on": str(final.ended_on), "gross_minor": str(run.gross_minor)},
    )
    return final


def _refuse(account: Account, cycle: BillCycle, on: date) -> None:
    if FinalBill.objects.filter(account=account).exists():
        raise FinalBillMade(context={"account": account.number})
    at_work = BillRun.objects.filter(cycle=cycle, state__in=[BillRun.State.PLANNED, BillRun.State.CALCULATING])
    run_id = at_work.values_list("pk", flat=True).first()
    if run_id is not None:
        raise RunAtWork(context={"run": run_id})
    if PeriodLock.objects.filter(closed_through__gte=on).exists():
        raise BooksClosed


def _end_lines(account: Account, *, on: date, actor: User) -> None:
    """End every line after the day; one that ended before stays as it is."""
    lines = Subscription.objects.filter(account=account).exclude(state=LineState.TERMINATED).order_by("pk")
    for line_id in lines.values_list("pk", flat=True):
        end_line(subscription_id=line_id, ended_on=on + ONE_DAY, actor=actor)
