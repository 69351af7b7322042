"""
What ends by itself: cases of debts that are paid, promises kept or broken, bars of lines whose debt is gone.

Called with the accounts' rows locked: in the transaction of a payment, and at the start of each piece of a run.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta

from django.db import connection
from django.db.models import Q, Sum

from billing_site.core.clock import operator_zone
from billing_site.core.messages import gettext_noop
from billing_site.db.transactions import transaction_required
from invoicing.queries.credit_notes import bills_taken_back
from payments.domain.dunning import Action
from payments.domain.dunning_texts import NOTICE_PREFIX
from payments.domain.instalments import PlanState
from payments.models import DunningAct, DunningCase, PaymentPromise, WriteOff, WriteOffItem
from payments.operations.dunning_fees import charge_reconnections, take_untold_fees_back, take_wrong_fees_back
from payments.queries.instalments import kept_plans_of, open_plans_of
from payments.queries.payments import standing_payments
from payments.queries.standings import AccountStanding, read_standings
from subscribers.domain.restrictions import RestrictionCause
from subscribers.models import Notice, Subscription, SubscriptionRestriction
from subscribers.operations.notices import withdraw_notices
from subscribers.operations.restrictions import write_restorations

ONE_DAY = timedelta(days=1)
BARS = frozenset({Action.RESTRICTION, Action.SUSPENSION})
DEBT_IS_GONE = gettext_noop("The debt is paid.")


@transaction_required
def settle_after_payment(*, account_id: int, at: datetime) -> None:
    """
    End what an account's payment has ended; costs an account without dunning one look.

    The caller holds the account's row locked and has used the money for its bills.
    """
    if _has_dunning(account_id):
        settle_accounts(account_ids=[account_id], on=at.astimezone(operator_zone()).date(), at=at)


@transaction_required
def settle_accounts(*, account_ids: Collection[int], on: date, at: datetime) -> list[AccountStanding]:
    """
    End cases, promises and bars of accounts whose debts are gone, and return how the accounts stand then.

    The caller holds the accounts' rows locked.
    """
    end_promises(account_ids=account_ids, on=on, at=at)
    end_plans(account_ids=account_ids, on=on, at=at)
    standings = read_standings(account_ids, on=on)
    ended = _end_cases([one for one in standings if one.open_case is not None], at=at)
    free = [one.account.pk for one in standings if one.standing.overdue_minor < one.restore_below_minor]
    freed = restore_lines(account_ids=free, at=at)
    paid = [case for case in ended if case.ending == DunningCase.Ending.PAID and case.account_id in freed]
    charge_reconnections(paid, on=on, at=at)
    return standings


@transaction_required
def forgive_taken_back(*, account_id: int, at: datetime) -> None:
    """
    Take back the fees of debts whose bill is taken back by now, though their dunning had ended before: while it was
    disputed, or because it was paid. The caller holds the account's row locked.
    """
    ended = DunningCase.objects.filter(account=account_id, ended_at__isnull=False)
    cases = list(ended.exclude(ending=DunningCase.Ending.TAKEN_BACK).order_by("pk"))
    taken_back = bills_taken_back([case.invoice_id for case in cases]) if cases else set()
    wrong = [case for case in cases if case.invoice_id in taken_back]
    DunningCase.objects.filter(pk__in=[case.pk for case in wrong], ending=DunningCase.Ending.HELD_BACK).update(
        ending=DunningCase.Ending.TAKEN_BACK
    )
    take_wrong_fees_back(wrong, at=at)


@transaction_required
def end_promises(*, account_ids: Collection[int], on: date, at: datetime) -> None:
    """Mark promises as kept where the money is here, as broken where their day has passed without it."""
    promises = PaymentPromise.objects.filter(account_id__in=account_ids, state=PaymentPromise.State.OPEN)
    for promise in promises.order_by("pk"):
        paid = _paid_since(promise)
        if paid < promise.amount_minor and promise.pay_until_on >= on:
            continue
        is_kept = paid >= promise.amount_minor
        promise.state = PaymentPromise.State.KEPT if is_kept else PaymentPromise.State.BROKEN
        promise.ended_at = at
        promise.save(update_fields=["state", "ended_at"])


@transaction_required
def reopen_agreements(*, account_id: int, on: date, at: datetime) -> None:
    """
    Open the promises and plans of an account again that money had kept which did not stand, or call them broken.

    Of a promise the money counts that came until its day, or until it was found kept. One whose day has passed is
    broken; so is one beside a promise that is open by now, for nobody promises twice at once.
    """
    has_open = PaymentPromise.objects.filter(account=account_id, state=PaymentPromise.State.OPEN).exists()
    kept = PaymentPromise.objects.filter(account=account_id, state=PaymentPromise.State.KEPT)
    for promise in kept.order_by("-pk"):
        assert promise.ended_at is not None
        day_is_over = datetime.combine(promise.pay_until_on + ONE_DAY, time.min, tzinfo=operator_zone())
        until = max(promise.ended_at, day_is_over)
        paid = _paid_since(promise, until=until)
        if paid >= promise.amount_minor:
            continue
        is_open = promise.pay_until_on >= on and not has_open
        promise.state = PaymentPromise.State.OPEN if is_open else PaymentPromise.State.BROKEN
        promise.ended_at = None if is_open else at
        has_open = has_open or is_open
        promise.save(update_fields=["state", "ended_at"])
    for standing in kept_plans_of(account_id):
        found = standing.state_on(on)
        if found != PlanState.KEPT:
            standing.plan.state = found.value
            standing.plan.ended_at = None if found == PlanState.OPEN else at
            standing.plan.save(update_fields=["state", "ended_at"])


def _paid_since(promise: PaymentPromise, *, until: datetime | None = None) -> int:
    """Return what stands of the money that came after a promise, in minor units."""
    since = standing_payments().filter(account_id=promise.account_id, received_at__gte=promise.promised_at)
    if until is not None:
        since = since.filter(received_at__lt=until)
    return int(since.aggregate(sum=Sum("amount_minor"))["sum"] or 0)


@transaction_required
def end_plans(*, account_ids: Collection[int], on: date, at: datetime) -> None:
    """Mark instalment plans as kept where all is paid, as broken where a part is unpaid past its day."""
    for standing in open_plans_of(account_ids):
        found = standing.state_on(on)
        if found != PlanState.OPEN:
            standing.plan.state, standing.plan.ended_at = found.value, at
            standing.plan.save(update_fields=["state", "ended_at"])


@transaction_required
def restore_lines(*, account_ids: Collection[int], at: datetime) -> set[int]:
    """
    Free the lines of accounts from their bars for debt; bars for other causes stay.

    :returns: the accounts with a line that is free now
    """
    lines = _lines_barred_for_debt(account_ids)
    if not lines:
        return set()
    made = write_restorations(
        subscription_ids=list(lines), cause=RestrictionCause.DEBT, reason=DEBT_IS_GONE, at=at, actor=None
    )
    return {lines[row.subscription_id] for row in made if row.state == SubscriptionRestriction.State.RESTORED}


def recheck_notices(notices: Sequence[Notice], at: datetime) -> dict[int, dict[str, object]]:
    """
    Return the values of dunning notices as they are now, by notice, of those that are still true; see the guards.

    What says that lines are barred is true while one is. A reminder is not sent to who has promised to pay since, was
    left out, or owes less than the policy asks for; whoever speaks to him says it all the same.
    """
    on = at.astimezone(operator_zone()).date()
    steps = {int(notice.key.removeprefix(NOTICE_PREFIX)): notice for notice in notices}
    acts = DunningAct.objects.filter(pk__in=steps, case__ended_at__isnull=True).select_related("case", "step")
    accounts = {act.account_id for act in acts}
    standings = {one.account.pk: one for one in read_standings(accounts, on=on)}
    barred = set(_lines_barred_for_debt(accounts).values())
    return {
        steps[act.pk].pk: notice_values(standings[act.account_id])
        for act in acts
        if _is_true(act, standings[act.account_id], has_bars=act.account_id in barred)
        and (steps[act.pk].channel in Notice.Channel.by_word() or not _is_spared(act, standings[act.account_id], on=on))
    }


def _is_true(act: DunningAct, one: AccountStanding, *, has_bars: bool) -> bool:
    """Return whether the debt of a step is unpaid, and its bars stand."""
    if one.debt is None or one.debt.invoice_id != act.case.invoice_id:
        return False
    return has_bars or act.step.action not in BARS


def _is_spared(act: DunningAct, one: AccountStanding, *, on: date) -> bool:
    """Return whether a mere reminder need not go: the run of the day would not remind the account either."""
    held_until = max(one.standing.promised_until or date.min, one.standing.left_out_until or date.min)
    is_small = one.policy is None or one.standing.overdue_minor < one.policy.policy.minimum_minor
    return act.step.action == Action.REMINDER and (held_until >= on or is_small)


def notice_values(standing: AccountStanding) -> dict[str, object]:
    """Return what a notice of dunning says of an account with an overdue debt."""
    assert standing.debt is not None
    return {
        "account": standing.account.number,
        "overdue_minor": standing.standing.overdue_minor,
        "oldest_due_on": standing.debt.due_on.isoformat(),
    }


def _has_dunning(account_id: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM payments_dunningcase WHERE account_id = %(id)s AND ended_at IS NULL)"
            " OR EXISTS (SELECT FROM payments_paymentpromise WHERE account_id = %(id)s AND state = 'OPEN')"
            " OR EXISTS (SELECT FROM payments_instalmentplan WHERE account_id = %(id)s AND state = 'OPEN')"
            " OR EXISTS (SELECT FROM subscribers_subscription s JOIN subscribers_subscriptionrestriction r"
            " ON r.subscription_id = s.id AND upper_inf(r.during) AND r.state <> 'RESTORED'"
            " WHERE s.account_id = %(id)s AND 'DEBT' = ANY (r.causes))",
            {"id": account_id},
        )
        row = cursor.fetchone()
    return bool(row and row[0])


def _lines_barred_for_debt(account_ids: Collection[int]) -> dict[int, int]:
    """Return the barred lines of accounts, as account by line."""
    barred = SubscriptionRestriction.objects.filter(
        subscription__account__in=account_ids, during__upper_inf=True, causes__contains=[RestrictionCause.DEBT.value]
    )
    return dict(barred.order_by("subscription_id").values_list("subscription_id", "subscription__account_id"))


def _end_cases(standings: Sequence[AccountStanding], *, at: datetime) -> list[DunningCase]:
    """
    End the open cases whose bill is no more the account's oldest debt, and take back what is still to be said.

    :returns: the cases that ended
    """
    ended = []
    for one in standings:
        case = one.open_case
        assert case is not None
        if one.debt is None or one.debt.invoice_id != case.invoice_id:
            is_open = any(item.invoice_id == case.invoice_id for item in one.items)
            case.ended_at = at
            case.ending = DunningCase.Ending.HELD_BACK if is_open else DunningCase.Ending.PAID
            ended.append(case)
    if not ended:
        return []
    written = WriteOffItem.objects.filter(
        Q(written_minor__gt=0),
        invoice_id__in=[case.invoice_id for case in ended],
        write_off__state=WriteOff.State.APPROVED,
    )
    given_up = set(written.values_list("invoice_id", flat=True))
    taken_back = bills_taken_back([case.invoice_id for case in ended])
    for case in ended:
        if case.invoice_id in given_up and case.ending == DunningCase.Ending.PAID:
            case.ending = DunningCase.Ending.WRITTEN_OFF
        elif case.invoice_id in taken_back:
            case.ending = DunningCase.Ending.TAKEN_BACK
    DunningCase.objects.bulk_update(ended, ["ended_at", "ending"], batch_size=1000)
    acts = list(DunningAct.objects.filter(case__in=ended).values_list("pk", flat=True))
    withdraw_notices(keys=[f"{NOTICE_PREFIX}{pk}" for pk in acts], at=at)
    take_untold_fees_back(acts, at=at)
    take_wrong_fees_back([case for case in ended if case.ending == DunningCase.Ending.TAKEN_BACK], at=at)
    return ended


def lines_in_use(account_ids: Collection[int]) -> dict[int, int]:
    """Return the lines of accounts that have not ended, as account by line."""
    rows = Subscription.objects.filter(account_id__in=account_ids).exclude(state=Subscription.State.TERMINATED)
    return dict(rows.values_list("pk", "account_id"))
