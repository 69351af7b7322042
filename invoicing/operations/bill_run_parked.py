"""
Accounts that a run set aside: billed as they are, or billed again after something was mended, inside the run.

Once the run is posted, those that are still open are billed by a small run that catches up, or by the next one.
"""

from collections.abc import Sequence
from datetime import date

from django.db.models import F
from django.db.models.functions import Now

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.periods import DatePeriod
from billing_site.db.transactions import durable, transaction_required
from billing_site.identity.models import User
from invoicing.domain.run_rules import AccountRule
from invoicing.models import BillRun, ParkedAccount
from invoicing.operations.bill_run_drafts import (
    calculate_accounts,
    scope_of,
    set_odd_bills_aside,
    write_drafts,
)
from invoicing.operations.bill_run_pairs import Moved, PairBilled, bill_pair, rules_around
from invoicing.operations.bill_run_payers import settle_payers
from invoicing.operations.bill_run_planning import (
    CHUNK_ACCOUNTS,
    MAX_TERMS_DAYS,
    DatesOutOfOrder,
    NobodyInRule,
    RunWish,
    hand_out,
    ranges_of,
    write_chunks,
    write_run,
)
from invoicing.operations.draft_papers import draft_paper
from invoicing.queries.account_scopes import Scope, unbilled_accounts
from invoicing.queries.bill_inputs import read_chunk
from invoicing.queries.papers import Paper
from invoicing.queries.readiness import run_being_undone
from invoicing.queries.reference import Reference
from invoicing.queries.words import reason_word
from subscribers.models import Account, BillCycle

POSTED = frozenset({BillRun.State.POSTED, BillRun.State.DELIVERING, BillRun.State.DELIVERED})


class RunNotUnderReview(BillingError):
    """Its bills are not there yet, or are owed already."""

    default_message = gettext_noop("Accounts are decided about while their run waits to be reviewed.")
    default_code = "RUN_NOT_UNDER_REVIEW"


class AccountDecidedAlready(BillingError):
    """Somebody was first."""

    default_message = gettext_noop("Account %(account)s is not set aside any more.")
    default_code = "ACCOUNT_DECIDED_ALREADY"


class DecisionReasonMissing(BillingError):
    """A bill out of the ordinary goes on for no reason."""

    default_message = gettext_noop("Say why the account can be billed: it is written beside your name.")
    default_code = "DECISION_REASON_MISSING"


class StillOutOfBounds(BillingError):
    """Nothing was mended, or not enough."""

    default_message = gettext_noop("Account %(account)s would be set aside again: %(reason)s.")
    default_code = "STILL_OUT_OF_BOUNDS"


class RunBeingUndone(BillingError):
    """What it frees is not known before it is through."""

    default_message = gettext_noop("Run %(run)s of the cycle is being taken back: bill these accounts when it is done.")
    default_code = "RUN_BEING_UNDONE"


class RunNotPosted(BillingError):
    """What a run set aside is decided in the run itself until it is posted."""

    default_message = gettext_noop("Only a posted run is caught up with: decide in the run itself.")
    default_code = "RUN_NOT_POSTED"


@durable
def accept_parked_account(*, run_id: int, account_id: int, actor: User, reason: str) -> ParkedAccount:
    """
    Bill an account that a run set aside as it is: somebody has looked at it and says why.

    :raises DecisionReasonMissing: without a reason
    :raises RunNotUnderReview: if the run is not waiting for its review
    :raises AccountDecidedAlready: if the account is not set aside (any more)
    :raises StillOutOfBounds: if there is no bill, because its data cannot be billed
    """
    return _decide(run_id, account_id, actor, reason, is_as_it_is=True)


@durable
def recalculate_parked_account(*, run_id: int, account_id: int, actor: User, reason: str) -> ParkedAccount:
    """
    Calculate an account that a run set aside once more, after something was mended; the run's prices stay as frozen.

    :raises DecisionReasonMissing: without a word about what was mended
    :raises RunNotUnderReview: if the run is not waiting for its review
    :raises AccountDecidedAlready: if the account is not set aside (any more)
    :raises StillOutOfBounds: if it would be set aside again
    """
    return _decide(run_id, account_id, actor, reason, is_as_it_is=False)


def _decide(run_id: int, account_id: int, actor: User, reason: str, *, is_as_it_is: bool) -> ParkedAccount:
    if not reason.strip():
        raise DecisionReasonMissing
    run = BillRun.objects.select_for_update(of=("self",)).select_related("cycle").get(pk=run_id)
    if run.state != BillRun.State.CALCULATED:
        raise RunNotUnderReview
    parked = (
        ParkedAccount.objects.select_for_update(of=("self",))
        .select_related("account")
        .get(run_id=run_id, account_id=account_id)
    )
    if not parked.is_open:
        raise AccountDecidedAlready(context={"account": parked.account.number})
    rules = rules_around(run=run, account_id=account_id)
    if rules:
        done = bill_pair(run=run, account_id=account_id, rules=rules, is_as_it_is=is_as_it_is)
        if done.refusal:
            raise StillOutOfBounds(context={"account": parked.account.number, "reason": done.refusal})
    else:
        done = _calculate_one(run, parked, is_as_it_is=is_as_it_is)
    outcome = ParkedAccount.Outcome.ACCEPTED if is_as_it_is else ParkedAccount.Outcome.MENDED
    solved = ParkedAccount.objects.filter(run=run, account_id__in=done.solved)
    solved.update(outcome=ParkedAccount.Outcome.NOTHING, decided_by=actor, decision=reason.strip(), decided_at=Now())
    solved.filter(account_id__in=done.billed).update(outcome=outcome)
    count_moved(run, done.moved)
    parked.refresh_from_db()
    verb = "accept_parked_account" if is_as_it_is else "recalculate_parked_account"
    changes = {"account": parked.account.number, "was": parked.reason, "reason": parked.decision}
    record(f"invoicing.{verb}", actor=actor, subject=run, changes=changes)
    return parked


def _calculate_one(run: BillRun, parked: ParkedAccount, *, is_as_it_is: bool) -> PairBilled:
    """Calculate one account of a run and write its draft."""
    key = parked.account_id
    reference = Reference(run.reference)
    inputs = read_chunk(scope=scope_of(run, first_id=key, last_id=key), reference=reference)
    chosen = Scope(chosen=frozenset({key}))
    result = calculate_accounts(run=run, inputs=inputs, reference=reference, scope=chosen, defers=False)
    if not is_as_it_is:
        set_odd_bills_aside(run=run, result=result)
    settle_payers(run=run, result=result, rules=(), reference=reference, inputs=inputs)
    if result.parked:
        again = result.parked[0]
        raise StillOutOfBounds(
            context={"account": parked.account.number, "reason": again.why or reason_word(again.reason)}
        )
    write_drafts(run, inputs, result.drafts)
    if not result.drafts:
        return PairBilled(moved=[Moved(key, 0, -1, 1, 0, 0, 0)], solved=[key])
    bill = result.drafts[0].bill
    moved = Moved(key, 1, -1, 0, bill.net_minor, bill.tax_minor, bill.gross_minor)
    return PairBilled(moved=[moved], billed=[key], solved=[key])


@transaction_required
def count_moved(run: BillRun, moves: Sequence[Moved]) -> None:
    """Move accounts among those set aside, billed and passed over, each in its chunk and all in the run."""
    for one in moves:
        moved = {
            "parked_count": F("parked_count") + one.parked,
            "billed_count": F("billed_count") + one.billed,
            "skipped_count": F("skipped_count") + one.skipped,
            "net_minor": F("net_minor") + one.net_minor,
            "tax_minor": F("tax_minor") + one.tax_minor,
            "gross_minor": F("gross_minor") + one.gross_minor,
        }
        key = one.account_id
        run.chunks.filter(first_account_id__lte=key, last_account_id__gte=key).update(**moved)
        BillRun.objects.filter(pk=run.pk).update(**moved)


def parked_paper(*, run_id: int, account_id: int, language: str = "") -> Paper | None:
    """
    Return the paper of the bill that a run did not let through, or ``None`` if there is none; nothing is kept.

    :raises BillRun.DoesNotExist: if there is no such run
    """
    run = BillRun.objects.select_related("cycle").get(pk=run_id)
    return draft_paper(run=run, account_id=account_id, language=language)


@durable
def catch_up_bill_run(*, run_id: int, issued_on: date, due_on: date, started_by: User | None) -> BillRun:
    """
    Plan a small run of the accounts that a posted run set aside and nobody decided about; prices are read anew.

    :raises RunNotPosted: if the run is not posted
    :raises RunBeingUndone: while a run of the cycle is being taken back
    :raises DatesOutOfOrder: if the bills would be due before they are issued
    :raises NobodyInRule: if every account that was set aside has its bill
    """
    posted = BillRun.objects.select_for_update(of=("self",)).get(pk=run_id)
    cycle = BillCycle.objects.select_for_update().get(pk=posted.cycle_id)
    if posted.state not in POSTED:
        raise RunNotPosted
    undone = run_being_undone(cycle)
    if undone is not None:
        raise RunBeingUndone(context={"run": undone.pk})
    if not 0 <= (due_on - issued_on).days <= MAX_TERMS_DAYS:
        raise DatesOutOfOrder
    opened = ParkedAccount.objects.filter(run_id=run_id, outcome="").values("account_id")
    ids = unbilled_accounts(accounts=Account.objects.filter(pk__in=opened), period_from=posted.period_from)
    if not ids:
        raise NobodyInRule
    numbers = Account.objects.filter(pk__in=ids).values_list("number", flat=True)
    wish = RunWish(
        cycle_id=cycle.pk,
        issued_on=issued_on,
        due_on=due_on,
        started_by=started_by,
        kind=BillRun.Kind.CATCH_UP,
        rule=AccountRule(accounts=tuple(numbers)),
    )
    run = write_run(wish, cycle, DatePeriod(posted.period_from, posted.period_until), passed=())
    write_chunks(run, ranges_of(ids, size=CHUNK_ACCOUNTS))
    hand_out(run, started_by)
    changes = {"catches_up": run_id, "period_from": str(run.period_from), "accounts": len(ids)}
    record("invoicing.catch_up_bill_run", actor=started_by, subject=run, changes=changes)
    return run
