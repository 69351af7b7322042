"""What the card of an account shows: who, where, which lines with which plans, numbers and features."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import QuerySet

from billing_site.core.periods import DatePeriod, InstantPeriod
from billing_site.db.ranges import date_period, instant_period
from billing_site.ledger.balances import balance_of
from subscribers.models import (
    Account,
    AccountDiscount,
    NumberAssignment,
    Subscription,
    SubscriptionFeature,
    SubscriptionPlan,
)

Names = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPlan:
    """A plan of a line and its days."""

    plan_id: int
    code: str
    names: Names
    days: DatePeriod


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldFeature:
    """A feature of a line and its days."""

    feature_id: int
    code: str
    names: Names
    days: DatePeriod


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldNumber:
    """A number of a line and its time."""

    number: str
    during: InstantPeriod


@dataclass(frozen=True, slots=True, kw_only=True)
class LineCard:
    """A line with its plans, features and numbers, the newest first."""

    subscription_id: int
    kind: str
    state: str
    address: str
    active_from: date | None
    active_until: date | None
    plans: tuple[HeldPlan, ...]
    features: tuple[HeldFeature, ...]
    numbers: tuple[HeldNumber, ...]

    def plan_on(self, day: date) -> HeldPlan | None:
        """Return the plan of a day, or ``None``."""
        return next((plan for plan in self.plans if plan.days.contains(day)), None)

    def numbers_at(self, at: datetime) -> tuple[str, ...]:
        """Return the numbers held at an instant."""
        return tuple(held.number for held in self.numbers if held.during.contains(at))


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldDiscount:
    """A discount of an account and its days."""

    code: str
    names: Names
    percent: str
    amount: Decimal | None
    days: DatePeriod


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherAccount:
    """Another account of the same subscriber."""

    account_id: int
    number: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCard:
    """An account as its card shows it. Names are in five languages: a page picks its own."""

    account_id: int
    number: str
    state: str
    category: str
    currency: str
    balance_minor: int
    ledger_account_id: int
    address: str
    opened_on: date
    closed_on: date | None
    cycle_code: str
    cycle_names: Names
    centre_names: Names
    department_names: Names
    subscriber_id: int
    subscriber_kind: str
    name: str
    language: str
    email: str
    lines: tuple[LineCard, ...]
    discounts: tuple[HeldDiscount, ...]
    other_accounts: tuple[OtherAccount, ...]


def get_account_card(account_id: int) -> AccountCard:
    """
    Return the card of an account, with a fixed number of queries however many lines it has.

    :raises Account.DoesNotExist: if there is none
    """
    account = Account.objects.select_related("subscriber", "cycle", "centre__department").get(pk=account_id)
    return AccountCard(
        account_id=account.pk,
        number=account.number,
        state=account.state,
        category=account.category,
        currency=account.currency,
        balance_minor=balance_of(account.ledger_account_id),
        ledger_account_id=account.ledger_account_id,
        address=account.address,
        opened_on=account.opened_on,
        closed_on=account.closed_on,
        cycle_code=account.cycle.code,
        cycle_names=account.cycle.names,
        centre_names=account.centre.names,
        department_names=account.centre.department.names,
        subscriber_id=account.subscriber_id,
        subscriber_kind=account.subscriber.kind,
        name=account.subscriber.name,
        language=account.subscriber.language,
        email=account.subscriber.email,
        lines=_lines_of(account),
        discounts=_discounts_of(account),
        other_accounts=_others_of(account),
    )


def accounts_for(*, centre_id: int | None = None, cycle_id: int | None = None) -> "QuerySet[Account]":
    """Return accounts with their subscribers, of one centre or cycle or of all."""
    accounts = Account.objects.select_related("subscriber")
    if centre_id is not None:
        accounts = accounts.filter(centre_id=centre_id)
    return accounts if cycle_id is None else accounts.filter(cycle_id=cycle_id)


def _lines_of(account: Account) -> tuple[LineCard, ...]:
    lines = list(Subscription.objects.filter(account=account).order_by("pk"))
    plans: dict[int, list[HeldPlan]] = defaultdict(list)
    for plan in SubscriptionPlan.objects.filter(subscription__in=lines).select_related("plan").order_by("-during"):
        held = HeldPlan(plan_id=plan.plan_id, code=plan.plan.code, names=plan.plan.names, days=date_period(plan.during))
        plans[plan.subscription_id].append(held)
    features: dict[int, list[HeldFeature]] = defaultdict(list)
    rows = SubscriptionFeature.objects.filter(subscription__in=lines).select_related("feature").order_by("-during")
    for row in rows:
        feature = HeldFeature(
            feature_id=row.feature_id, code=row.feature.code, names=row.feature.names, days=date_period(row.during)
        )
        features[row.subscription_id].append(feature)
    numbers: dict[int, list[HeldNumber]] = defaultdict(list)
    for assignment in NumberAssignment.objects.filter(subscription__in=lines).order_by("-during"):
        number = HeldNumber(number=assignment.number, during=instant_period(assignment.during))
        numbers[assignment.subscription_id].append(number)
    return tuple(
        LineCard(
            subscription_id=line.pk,
            kind=line.kind,
            state=line.state,
            address=line.address,
            active_from=line.active_from,
            active_until=line.active_until,
            plans=tuple(plans[line.pk]),
            features=tuple(features[line.pk]),
            numbers=tuple(numbers[line.pk]),
        )
        for line in lines
    )


def _discounts_of(account: Account) -> tuple[HeldDiscount, ...]:
    rows = AccountDiscount.objects.filter(account=account).select_related("discount").order_by("-during")
    return tuple(
        HeldDiscount(
            code=row.discount.code,
            names=row.discount.names,
            percent=f"{row.discount.percent.normalize():f}" if row.discount.percent is not None else "",
            amount=row.discount.amount,
            days=date_period(row.during),
        )
        for row in rows
    )


def _others_of(account: Account) -> tuple[OtherAccount, ...]:
    others = Account.objects.filter(subscriber_id=account.subscriber_id).exclude(pk=account.pk).order_by("pk")
    return tuple(
        OtherAccount(account_id=pk, number=number, state=state)
        for pk, number, state in others.values_list("pk", "number", "state")
    )
