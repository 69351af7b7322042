"""The lines of a subscriber with their plans, and the plans that a line may take next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from billing_site.core.names import name_in
from billing_site.core.periods import bill_period_of
from subscribers.models import Account, Subscription
from subscribers.queries.accounts import HeldPlan, get_account_card
from subscribers.queries.relation_cards import RelationCard, favourites_of_account
from tariffs.models import Plan, Price
from tariffs.queries.plans import plans_for_sale, published_versions


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOffer:
    """A plan and what it costs a bill period, in the major unit before tax."""

    plan: Plan
    fee: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnLineCard:
    """A line with the number it holds, the plan of today and the one that is planned, if another is."""

    subscription_id: int
    kind: str
    state: str
    number: str
    plan: HeldPlan | None
    next_plan: HeldPlan | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnLines:
    """An account with its lines that have not ended, and its favourite numbers."""

    account: Account
    lines: tuple[OwnLineCard, ...]
    favourites: tuple[RelationCard, ...]


def get_own_lines(*, account: Account, at: datetime, today: date) -> OwnLines:
    """Return the lines of an account as their owner sees them."""
    card = get_account_card(account.pk)
    lines = [
        OwnLineCard(
            subscription_id=line.subscription_id,
            kind=line.kind,
            state=line.state,
            number=next(iter(line.numbers_at(at)), ""),
            plan=line.plan_on(today),
            next_plan=next((plan for plan in line.plans if plan.days.start > today), None),
        )
        for line in card.lines
        if line.state != Subscription.State.TERMINATED
    ]
    favourites = favourites_of_account(account_id=account.pk, on=today, at=at)
    return OwnLines(account=account, lines=tuple(lines), favourites=favourites)


def next_period_of(account: Account, *, today: date) -> date:
    """Return the first day of the bill period after the running one: when a plan that is chosen now begins."""
    until = bill_period_of(today, account.cycle.bill_day).until
    assert until is not None
    return until


def plan_offers(*, kind: str, on: date, language: str) -> tuple[PlanOffer, ...]:
    """Return the plans of a kind of service that can be taken from a day on, by name."""
    plans = list(plans_for_sale(on=on, kind=kind))
    fees = _fees([plan.pk for plan in plans], on=on)
    offers = [PlanOffer(plan=plan, fee=fees.get(plan.pk, Decimal(0))) for plan in plans]
    return tuple(sorted(offers, key=lambda one: name_in(one.plan.names, language)))


def _fees(plan_ids: Sequence[int], *, on: date) -> Mapping[int, Decimal]:
    versions = dict(published_versions(on=on).filter(plan_id__in=plan_ids).values_list("pk", "plan_id"))
    fees: dict[int, Decimal] = {}
    for price in Price.objects.filter(plan_version_id__in=versions, kind=Price.Kind.RECURRING):
        plan_id = versions[price.plan_version_id]
        fees[plan_id] = fees.get(plan_id, Decimal(0)) + price.amount
    return fees
