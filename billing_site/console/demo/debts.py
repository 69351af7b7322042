"""Subscribers who have not paid since the autumn: their old bills, a dunning policy, a first run, a proposal."""

from collections.abc import Mapping
from datetime import date, timedelta
from random import Random
from typing import Any

from django.conf import settings

from billing_site.console.demo.billing import CALCULATE, DELIVER, PASSED_OVER, POST
from billing_site.console.demo.people import make_person
from billing_site.console.demo.places import TOWNS, centres_of, staff
from billing_site.console.demo.scale import SEED, TODAY, moment
from billing_site.console.demo.steps import Workforce
from billing_site.console.demo.words import five
from invoicing.models import BillRun
from invoicing.operations.bill_run_planning import plan_bill_run
from invoicing.operations.bill_run_posting import post_bill_run
from payments.models import DunningAct, DunningExclusion, DunningPolicy, PaymentPromise, WriteOff
from payments.operations.bad_debts import propose_bad_debt
from payments.operations.dunning_policies import add_dunning_step, draft_dunning_policy, publish_dunning_policy
from payments.operations.dunning_runs import DUN, start_dunning_run
from payments.operations.promises import exclude_from_dunning, promise_payment
from payments.queries.bad_debts import Selection
from payments.queries.standings import read_standings
from subscribers.models import Account, BillCycle
from subscribers.operations.accounts import create_bill_cycle
from subscribers.operations.bulk_loading import (
    NewAccount,
    NewSubscription,
    activate_subscriptions_in_bulk,
    open_accounts_in_bulk,
)
from tariffs.models import Plan

LATE_CYCLE = "ARREARS"
FIRST_MONTH, MONTHS = date(2025, 10, 1), 4
DEBTORS_A_LANGUAGE = 4
PLAN = "CITY-200"
POLICY = "ALL-2026"
# Days after the due date, what is done, how it is told, what is said.
LADDER = (
    (5, "REMINDER", "EMAIL", "FRIENDLY"),
    (12, "REMINDER", "CALL", "FIRM"),
    (18, "REMINDER", "PRINT", "WARNING"),
    (25, "RESTRICTION", "EMAIL", "BARRED"),
    (40, "SUSPENSION", "PRINT", "STOPPED"),
    (90, "COLLECTION", "PRINT", "HANDED_OVER"),
)
# Runs of past days: debts stand on several steps today.
RUN_DAYS = tuple(TODAY - timedelta(days=back) for back in (24, 17, 11, 0))


def bill_debtors(workforce: Workforce) -> Mapping[str, Any]:
    """Open a cycle of subscribers who never paid, and bill its four months of rent."""
    if not BillCycle.objects.filter(code=LATE_CYCLE).exists():
        names = five("Arrears", "Պարտքեր", "Задолженность", "欠费", "المتأخرات")
        create_bill_cycle(code=LATE_CYCLE, names=names, bill_day=1, open_from=FIRST_MONTH, actor=staff("specialist"))
    cycle = BillCycle.objects.get(code=LATE_CYCLE)
    if not cycle.accounts.exists():
        _open_accounts(cycle)
    while (month := BillRun.objects.filter(cycle=cycle).count()) < MONTHS or _waiting(cycle):
        if not _waiting(cycle):
            issued_on = _months_after(month + 1)
            plan_bill_run(
                cycle_id=cycle.pk,
                issued_on=issued_on,
                due_on=issued_on + timedelta(days=20),
                started_by=staff("specialist"),
                overridden=(*PASSED_OVER, "LAST_PERIOD_OPEN"),
                reason="Planted for the demo.",
            )
        workforce.finish(CALCULATE)
        for run in BillRun.objects.filter(cycle=cycle, state=BillRun.State.CALCULATED):
            post_bill_run(run_id=run.pk, posted_by=staff("approver"))
        workforce.finish((*POST, *DELIVER))
    return {"debtors": cycle.accounts.count(), "bill runs": MONTHS}


def dun_debtors(workforce: Workforce) -> Mapping[str, Any]:
    """Run dunning over the last weeks, take a promise, leave one out, propose the oldest debt."""
    debtors = list(Account.objects.filter(cycle__code=LATE_CYCLE).order_by("pk"))
    if not DunningExclusion.objects.exists():
        reason = "The subscriber is in hospital: his daughter pays at the end of the month."
        exclude_from_dunning(
            account_id=debtors[0].pk,
            reason=reason,
            first_on=RUN_DAYS[0],
            last_on=date(2026, 3, 31),
            actor=staff("specialist"),
        )
    for day in RUN_DAYS:
        start_dunning_run(day=day, today=TODAY, started_by=None)
        workforce.finish((DUN, "subscribers.send_notice"))
    if not PaymentPromise.objects.exists():
        _promise(debtors[1])
    if not WriteOff.objects.exists():
        _propose(debtors[-1])
    return {"steps": DunningAct.objects.count()}


def _open_accounts(cycle: BillCycle) -> None:
    chance = Random(SEED + 9)  # noqa: S311 - the same people every time
    specialist = staff("specialist")
    opened = []
    for town in TOWNS:
        for n in range(DEBTORS_A_LANGUAGE):
            person = make_person(language=town.language, chance=chance)
            opened.append(
                NewAccount(
                    kind=person.kind,
                    name=person.name,
                    language=town.language,
                    centre_id=chance.choice(centres_of(town.area)).pk,
                    cycle_id=cycle.pk,
                    opened_on=date(2024, 1, 1),
                    category=person.category,
                    address=person.address,
                    email=f"debtor-{town.area}-{n}@meridian.example" if n % 2 else "",
                )
            )
    open_accounts_in_bulk(accounts=opened, actor=specialist)
    plan = Plan.objects.get(code=PLAN)
    accounts = cycle.accounts.order_by("pk")
    # The first ones owe for four months, later ones for fewer: they came to us later.
    since = [_months_after(index % MONTHS) for index in range(accounts.count())]
    lines = [
        NewSubscription(account_id=account.pk, plan_id=plan.pk, active_from=day, number=None, address=account.address)
        for account, day in zip(accounts, since, strict=True)
    ]
    activate_subscriptions_in_bulk(lines=lines, at=moment(FIRST_MONTH, 9), actor=specialist)


def make_dunning_policy() -> None:
    """Publish the policy, before the first bills: they say what happens when they are paid late."""
    if DunningPolicy.objects.filter(code=POLICY, state=DunningPolicy.State.PUBLISHED).exists():
        return
    specialist = staff("specialist")
    policy = DunningPolicy.objects.filter(code=POLICY).first() or draft_dunning_policy(
        code=POLICY,
        names=five("Everybody", "Բոլորը", "Для всех", "所有用户", "الجميع"),
        category="",
        currency=settings.SALDO_CURRENCY,
        valid_from=date(2025, 1, 1),
        minimum_minor=500,
        restore_below_minor=500,
        takes_tax_back=True,
        actor=specialist,
    )
    known = set(policy.steps.values_list("after_days", flat=True))
    for after_days, action, channel, text in LADDER:
        if after_days not in known:
            add_dunning_step(
                policy_id=policy.pk, after_days=after_days, action=action, channel=channel, text=text, actor=specialist
            )
    publish_dunning_policy(policy_id=policy.pk, published_at=moment(RUN_DAYS[0], 5), actor=staff("approver"))


def _promise(account: Account) -> None:
    one = read_standings([account.pk], on=TODAY)[0]
    promise_payment(
        account_id=account.pk,
        amount_minor=one.standing.overdue_minor,
        pay_until_on=TODAY + timedelta(days=7),
        channel=PaymentPromise.Channel.PHONE,
        given_by=account.subscriber.name,
        at=moment(TODAY, 10),
        actor=staff("clerk30"),
    )


def _propose(account: Account) -> None:
    propose_bad_debt(
        selection=Selection(days=1, least_minor=1, account_id=account.pk),
        reason=WriteOff.Reason.NOT_FOUND,
        note="Moved abroad; letters come back.",
        as_of=TODAY,
        currency=settings.SALDO_CURRENCY,
        at=moment(TODAY, 10),
        actor=staff("specialist"),
    )


def _waiting(cycle: BillCycle) -> bool:
    """Return whether a run of the cycle is still on its way."""
    ended = (BillRun.State.POSTED, BillRun.State.DELIVERING, BillRun.State.DELIVERED, BillRun.State.CANCELLED)
    return BillRun.objects.filter(cycle=cycle).exclude(state__in=ended).exists()


def _months_after(count: int) -> date:
    month = FIRST_MONTH.month - 1 + count
    return date(FIRST_MONTH.year + month // 12, month % 12 + 1, 1)
