"""
Usage that came after a final bill: an extra bill to whoever made the calls, or a write-off by two people.

A decision is about everything that is held of an account. It cuts the account's periods, so that what comes still later
is held anew; the number's next holder has no part in it.
"""

from datetime import date, datetime, timedelta

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.periods import bill_period_of
from billing_site.db.constraints import constraint_errors
from billing_site.db.transactions import durable, transaction_required
from billing_site.identity.models import User
from billing_site.ledger.closing import get_closed_through
from invoicing.models import BillRun, HeldUsageDecision
from invoicing.operations.bill_run_posting import BooksClosed
from invoicing.operations.dispute_answers import day_of
from invoicing.operations.left_charges import COMES_TO_NOTHING
from invoicing.operations.single_bills import (
    NotBillable,
    calculate_single,
    lock_with_cycle,
    post_single,
    write_single_run,
)
from invoicing.queries.held_usage import HeldSum, held_usage, sum_held
from invoicing.queries.left_charges import freed_from
from invoicing.queries.readiness import period_of_day
from subscribers.models import Account

REASON_MOST = 300
ONE_DAY = timedelta(days=1)
PART_WOULD_STAY = gettext_noop("a part would stay behind.")


class NothingHeld(BillingError):
    """The account has none."""

    default_message = gettext_noop("No usage of account %(account)s is held. Nothing was changed.")
    default_code = "NOTHING_HELD"


class HeldReasonMissing(BillingError):
    """A write-off says why."""

    default_message = gettext_noop("Say why the usage is written off: the reason stays with it.")
    default_code = "HELD_REASON_MISSING"


class HeldWriteOffWaits(BillingError):
    """A second person has to decide first."""

    default_message = gettext_noop("A write-off of account %(account)s waits for a second person: decide it first.")
    default_code = "HELD_WRITE_OFF_WAITS"


class HeldWriteOffDecided(BillingError):
    """It was approved or declined before."""

    default_message = gettext_noop("This write-off of usage is decided already.")
    default_code = "HELD_WRITE_OFF_DECIDED"


class OwnHeldWriteOff(BillingError):
    """Who proposes does not approve."""

    default_message = gettext_noop("You proposed this write-off yourself. Another person approves it.")
    default_code = "OWN_HELD_WRITE_OFF"


class HeldUsageChanged(BillingError):
    """More came since."""

    default_message = gettext_noop(
        "More usage came since this was proposed, or some is billed. Decline it and propose again what is held now."
    )
    default_code = "HELD_USAGE_CHANGED"


class HeldUsageNotBillable(BillingError):
    """The account's data cannot be billed, or not all that is held."""

    default_message = gettext_noop("Held usage of account %(account)s cannot be billed: %(detail)s")
    default_code = "HELD_USAGE_NOT_BILLABLE"


@durable
def bill_held_usage(*, account_id: int, due_on: date, at: datetime, actor: User) -> HeldUsageDecision:
    """
    Post an extra bill to an account for everything that is held of it; a closed account gets it too.

    :param at: now: its day is the day of issue
    :raises NothingHeld: if nothing is
    :raises HeldWriteOffWaits: while a proposal to write it off waits
    :raises BooksClosed: if the day lies in a closed period
    :raises HeldUsageNotBillable: if the account's data cannot be billed
    """
    account = lock_with_cycle(account_id)
    held = _held_of(account, on=day_of(at))
    _refuse_waiting(account)
    if day_of(at) <= get_closed_through():
        raise BooksClosed
    period = period_of_day(cycle=account.cycle, on=held.last_period)
    run = write_single_run(
        account=account,
        period=period,
        prices_from=freed_from(account=account, before=min(held.first_period, period.start)),
        on=day_of(at),
        due_on=due_on,
        actor=actor,
    )
    invoice_id = _post_bill(account, held, run, actor=actor)
    if held_usage(today=day_of(at), account_number=account.number):
        raise HeldUsageNotBillable(context={"account": account.number, "detail": PART_WOULD_STAY})
    decision = _new_decision(account, held, HeldUsageDecision.Kind.BILL, actor=actor, at=at)
    decision.held_until = run.period_until
    decision.run, decision.invoice_id = run, invoice_id
    decision.state, decision.decided_by, decision.decided_at = HeldUsageDecision.State.DONE, actor, at
    decision.save(force_insert=True)
    changes = {**_facts(decision), "run": run.pk, "gross_minor": str(run.gross_minor)}
    record("invoicing.bill_held_usage", actor=actor, subject=account, changes=changes)
    return decision


@durable
def propose_held_write_off(*, account_id: int, reason: str, at: datetime, actor: User) -> HeldUsageDecision:
    """
    Propose to write off everything that is held of an account; it stays held until a second person approves.

    :raises HeldReasonMissing: without a reason
    :raises NothingHeld: if nothing is held
    :raises HeldWriteOffWaits: if a proposal waits already
    """
    if not reason.strip():
        raise HeldReasonMissing
    account = lock_with_cycle(account_id)
    held = _held_of(account, on=day_of(at))
    _refuse_waiting(account)
    decision = _new_decision(account, held, HeldUsageDecision.Kind.WRITE_OFF, actor=actor, at=at)
    decision.reason = reason.strip()[:REASON_MOST]
    decision.save(force_insert=True)
    record("invoicing.propose_held_write_off", actor=actor, subject=account, changes=_facts(decision))
    return decision


@durable
def approve_held_write_off(*, decision_id: int, at: datetime, actor: User) -> HeldUsageDecision:
    """
    Write held usage off: it leaves the list, and no bill takes it up any more.

    Nothing is posted: what was never billed is not in the books.

    :raises HeldWriteOffDecided: if it was decided before
    :raises OwnHeldWriteOff: if ``actor`` proposed it
    :raises HeldUsageChanged: if not the same is held as was proposed
    """
    decision = _lock_waiting(decision_id)
    if decision.proposed_by_id == actor.pk:
        raise OwnHeldWriteOff
    held = sum_held(held_usage(today=day_of(at), account_number=decision.account.number))
    if held is None or _sums(held) != (decision.record_count, decision.duration_seconds, decision.amount_micro):
        raise HeldUsageChanged
    _decide(decision, HeldUsageDecision.State.DONE, at=at, actor=actor)
    record("invoicing.approve_held_write_off", actor=actor, subject=decision.account, changes=_facts(decision))
    return decision


@durable
def decline_held_write_off(*, decision_id: int, at: datetime, actor: User) -> HeldUsageDecision:
    """
    Leave usage held that was proposed to be written off; who proposed may withdraw it so.

    :raises HeldWriteOffDecided: if it was decided before
    """
    decision = _lock_waiting(decision_id)
    _decide(decision, HeldUsageDecision.State.DECLINED, at=at, actor=actor)
    record("invoicing.decline_held_write_off", actor=actor, subject=decision.account, changes=_facts(decision))
    return decision


@transaction_required
def _lock_waiting(decision_id: int) -> HeldUsageDecision:
    account_id = HeldUsageDecision.objects.values_list("account_id", flat=True).get(pk=decision_id)
    account = lock_with_cycle(account_id)
    decision = HeldUsageDecision.objects.select_for_update(of=("self",)).get(pk=decision_id)
    if decision.state != HeldUsageDecision.State.PROPOSED:
        raise HeldWriteOffDecided
    decision.account = account
    return decision


def _held_of(account: Account, *, on: date) -> HeldSum:
    held = sum_held(held_usage(today=on, account_number=account.number))
    if held is None:
        raise NothingHeld(context={"account": account.number})
    return held


def _refuse_waiting(account: Account) -> None:
    if HeldUsageDecision.objects.filter(account=account, state=HeldUsageDecision.State.PROPOSED).exists():
        raise HeldWriteOffWaits(context={"account": account.number})


def _new_decision(account: Account, held: HeldSum, kind: str, *, actor: User, at: datetime) -> HeldUsageDecision:
    last = bill_period_of(held.last_period, account.cycle.bill_day)
    return HeldUsageDecision(
        account=account,
        kind=kind,
        held_from=held.first_period,
        held_until=last.last_day + ONE_DAY,
        record_count=held.record_count,
        duration_seconds=held.duration_seconds,
        amount_micro=held.amount_micro,
        proposed_by=actor,
        proposed_at=at,
    )


def _post_bill(account: Account, held: HeldSum, run: BillRun, *, actor: User) -> int:
    """
    Post the bill and return its id; what came before the oldest that is held is billed or written off, unless its bill
    was taken back: then it is on this one.
    """
    behind_from = min(held.first_period, run.period_from)
    usage_from = freed_from(account=account, before=held.first_period)
    try:
        invoice_id = calculate_single(run=run, account_id=account.pk, behind_from=behind_from, usage_from=usage_from)
    except NotBillable as error:
        raise HeldUsageNotBillable(context={"account": account.number, "detail": error.detail}) from error
    if invoice_id is None:
        raise HeldUsageNotBillable(context={"account": account.number, "detail": COMES_TO_NOTHING})
    post_single(run=run, actor=actor)
    return invoice_id


def _decide(decision: HeldUsageDecision, state: str, *, at: datetime, actor: User) -> None:
    decision.state, decision.decided_by, decision.decided_at = state, actor, at
    with constraint_errors({"invoicing_helddecision_second_person": OwnHeldWriteOff}):
        decision.save(update_fields=["state", "decided_by", "decided_at"])


def _sums(held: HeldSum) -> tuple[int, int, int]:
    return held.record_count, held.duration_seconds, held.amount_micro


def _facts(decision: HeldUsageDecision) -> dict[str, object]:
    return {
        "held_from": str(decision.held_from),
        "held_until": str(decision.held_until),
        "records": decision.record_count,
        "amount_micro": str(decision.amount_micro),
        **({"reason": decision.reason} if decision.reason else {}),
    }
