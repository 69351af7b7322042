"""Lines: activated with a plan and a number, changed from a day on, suspended, ended."""

from collections.abc import Iterable
from datetime import date, datetime

from billing_site.audit.recording import record
from billing_site.core import clock
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.periods import bill_period_of, midnight_of
from billing_site.db.constraints import constraint_errors
from billing_site.db.ranges import date_period, days_from
from billing_site.db.transactions import durable, transaction_required
from billing_site.identity.models import User
from subscribers.domain.lifecycle import LineState, check_move, is_in_service
from subscribers.models import (
    FavouriteNumber,
    NumberAssignment,
    StaffLine,
    Subscription,
    SubscriptionFeature,
    SubscriptionPlan,
    SubscriptionSuspension,
    UserGroupMember,
)
from subscribers.operations.accounts import hold_open_from, lock_open_account
from subscribers.operations.numbers import write_assignment, write_release
from tariffs.models import Feature, Plan, PlanVersion
from tariffs.queries.plans import find_published_version

# What a line has for a period of days.
Held = SubscriptionPlan | SubscriptionFeature | SubscriptionSuspension | FavouriteNumber | UserGroupMember | StaffLine
# Two answers to one question: prices include tax, and they do not.
SAYING_OTHERWISE = 2


class PlanNotForSale(BillingError):
    """No published version of the plan is in force on that day."""

    default_message = gettext_noop("Plan %(plan)s has no published version in force on %(day)s: it cannot be sold.")
    default_code = "PLAN_NOT_FOR_SALE"


class PlanOfAnotherKind(BillingError):
    """A mobile plan on a fixed line."""

    default_message = gettext_noop("Plan %(plan)s is of another kind of service than the line.")
    default_code = "PLAN_OF_ANOTHER_KIND"


class PlanAlreadyHeld(BillingError):
    """Nothing would change."""

    default_message = gettext_noop("The line has plan %(plan)s already on %(day)s.")
    default_code = "PLAN_ALREADY_HELD"


class PlanChangeAlreadyPlanned(BillingError):
    """Another change comes on that day or later."""

    default_message = gettext_noop("The plan of this line changes on %(day)s already: choose a later day.")
    default_code = "PLAN_CHANGE_ALREADY_PLANNED"


class TaxChangesInsidePeriod(BillingError):
    """Usage of one bill period would be taxed in two ways."""

    default_message = gettext_noop(
        "Only one of the two plans has tax in its prices: the line can take plan %(plan)s on a bill day, the next is"
        " %(day)s."
    )
    default_code = "TAX_CHANGES_INSIDE_PERIOD"


class PeriodAlreadyBilled(BillingError):
    """The day lies in a period whose bills are made."""

    default_message = gettext_noop("%(day)s lies in a period that is billed already; the first open day is %(open)s.")
    default_code = "PERIOD_ALREADY_BILLED"


class LineNotActiveThen(BillingError):
    """The line was not there on that day."""

    default_message = gettext_noop("The line is %(state)s since %(first)s: %(day)s does not fit.")
    default_code = "LINE_NOT_ACTIVE_THEN"


class FeatureWithoutPrice(BillingError):
    """Nobody knows what it costs."""

    default_message = gettext_noop("Feature %(feature)s has no price on %(day)s: it cannot be sold.")
    default_code = "FEATURE_WITHOUT_PRICE"


class FeatureAlreadyHeld(BillingError):
    """The same feature is not charged twice."""

    default_message = gettext_noop("The line has feature %(feature)s on %(day)s already.")
    default_code = "FEATURE_ALREADY_HELD"


class FeatureNotHeld(BillingError):
    """There is nothing to take away."""

    default_message = gettext_noop("The line does not have feature %(feature)s on %(day)s.")
    default_code = "FEATURE_NOT_HELD"


@durable
def activate_subscription(
    *,
    account_id: int,
    plan_id: int,
    active_from: date,
    at: datetime,
    actor: User | None,
    number: str | None = None,
    address: str = "",
) -> Subscription:
    """
    Put a line in service from a day on, with its plan and, where it has one, its number from that midnight on.

    :param at: now; promises of numbers that have run out do not count
    :raises AccountIsClosed: if nothing more is sold to the account
    :raises PlanNotForSale: if the plan has no published version on the day
    :raises NumberAlreadyTaken: if a line has the number; further refusals of numbers as in ``hold_number``
    """
    account = lock_open_account(account_id)
    plan = Plan.objects.get(pk=plan_id)
    check_for_sale(plan=plan, on=active_from)
    subscription = Subscription.objects.create(
        account=account,
        kind=plan.kind,
        state=Subscription.State.ACTIVE,
        address=address,
        active_from=active_from,
    )
    SubscriptionPlan.objects.create(subscription=subscription, plan=plan, during=days_from(active_from))
    if number is not None:
        from_at = midnight_of(active_from, zone=clock.operator_zone())
        write_assignment(subscription=subscription, number=number, from_at=from_at, at=at, actor=actor)
    changes = {"plan": plan.code, "number": number or "", "from": active_from.isoformat()}
    record("subscribers.activate_subscription", actor=actor, subject=subscription, changes=changes)
    return subscription


def check_for_sale(*, plan: Plan, on: date) -> None:
    """
    Refuse a plan that is a draft, retired or not yet in force.

    :raises PlanNotForSale: if it has no published version on the day
    """
    if find_published_version(plan_id=plan.pk, on=on) is None:
        raise PlanNotForSale(context={"plan": plan.code, "day": on})


@durable
def change_plan(*, subscription_id: int, plan_id: int, changed_on: date, actor: User | None) -> SubscriptionPlan:
    """
    Give a line another plan; the day of the change belongs to the new plan.

    :raises LineNotActiveThen: if the line is not in service on that day
    :raises PeriodAlreadyBilled: if the day lies in a period that is billed
    :raises PlanNotForSale: if the plan has no published version on the day
    :raises PlanOfAnotherKind: if the plan is of another kind of service
    :raises PlanAlreadyHeld: if the line has it
    :raises PlanChangeAlreadyPlanned: if the plan changes on that day or later already
    :raises TaxChangesInsidePeriod: if only one of the two plans has tax in its prices, on any day but a bill day
    """
    subscription = lock_in_service(subscription_id, on=changed_on)
    plan = Plan.objects.get(pk=plan_id)
    check_for_sale(plan=plan, on=changed_on)
    if plan.kind != subscription.kind:
        raise PlanOfAnotherKind(context={"plan": plan.code})
    current = _plan_held(subscription, plan, changed_on)
    _check_tax_in_prices(subscription, current.plan_id, plan, changed_on)
    current.during = days_from(date_period(current.during).start, changed_on)
    current.save(update_fields=["during"])
    held = SubscriptionPlan.objects.create(subscription=subscription, plan=plan, during=days_from(changed_on))
    changes = {"plan": plan.code, "from": changed_on.isoformat()}
    record("subscribers.change_plan", actor=actor, subject=subscription, changes=changes)
    return held


def _check_tax_in_prices(subscription: Subscription, held_plan_id: int, plan: Plan, changed_on: date) -> None:
    """Refuse a change between prices with and without tax inside a bill period: its usage is one total."""
    published = PlanVersion.objects.filter(plan_id__in=[held_plan_id, plan.pk], state=PlanVersion.State.PUBLISHED)
    if published.values("prices_include_tax").distinct().count() < SAYING_OTHERWISE:
        return
    period = bill_period_of(changed_on, subscription.account.cycle.bill_day)
    if changed_on != period.start:
        raise TaxChangesInsidePeriod(context={"plan": plan.code, "day": period.until})


@durable
def suspend_subscription(
    *, subscription_id: int, suspended_on: date, actor: User | None, reason: str = ""
) -> Subscription:
    """
    Suspend a line from a day on; what its fees cost meanwhile is said by its plan.

    :raises LineCannotMove: if it is not active
    :raises LineNotActiveThen: if it began later
    :raises PeriodAlreadyBilled: if the day lies in a period that is billed
    """
    line = _move(subscription_id, LineState.SUSPENDED, verb="suspend_subscription", on=suspended_on, actor=actor,
                 reason=reason)  # fmt: skip
    SubscriptionSuspension.objects.create(subscription=line, during=days_from(suspended_on), reason=reason[:300])
    return line


@durable
def resume_subscription(*, subscription_id: int, resumed_on: date, actor: User | None) -> Subscription:
    """
    Put a suspended line back into service: the day is one with service.

    :raises LineCannotMove: if it is not suspended
    :raises PeriodAlreadyBilled: if the day lies in a period that is billed
    """
    line = _move(subscription_id, LineState.ACTIVE, verb="resume_subscription", on=resumed_on, actor=actor)
    end_periods(SubscriptionSuspension.objects.filter(subscription=line, during__upper_inf=True), on=resumed_on)
    return line


@durable
def terminate_subscription(
    *, subscription_id: int, ended_on: date, actor: User | None, reason: str = Subscription.EndReason.WISH
) -> Subscription:
    """
    End a line: ``ended_on`` is the first day without it; its plan, features, favourites and group end, its numbers
    rest.

    :param reason: one of ``Subscription.EndReason``
    :raises LineCannotMove: if it is terminated
    :raises LineNotActiveThen: if it began later
    :raises PeriodAlreadyBilled: if the day lies in a period that is billed
    """
    return end_line(subscription_id=subscription_id, ended_on=ended_on, actor=actor, reason=reason)


@transaction_required
def end_line(
    *, subscription_id: int, ended_on: date, actor: User | None, reason: str = Subscription.EndReason.WISH
) -> Subscription:
    """Do what ``terminate_subscription`` does in the caller's transaction: shared with the final bill."""
    subscription = _lock(subscription_id)
    check_move(state=subscription.state, target=LineState.TERMINATED)
    _check_day(subscription, ended_on)
    for held in (
        SubscriptionPlan.objects,
        SubscriptionFeature.objects,
        FavouriteNumber.objects,
        UserGroupMember.objects,
        SubscriptionSuspension.objects,
        StaffLine.objects,
    ):
        end_periods(held.filter(subscription=subscription), on=ended_on)
    ended_at = midnight_of(ended_on, zone=clock.operator_zone())
    # What runs at that instant, and what would have begun later.
    open_assignments = NumberAssignment.objects.filter(subscription=subscription, during__overlap=(ended_at, None))
    write_release(list(open_assignments.select_for_update(of=("self",))), at=ended_at)
    subscription.state = Subscription.State.TERMINATED
    subscription.active_until = ended_on
    subscription.end_reason = reason
    subscription.save(update_fields=["state", "active_until", "end_reason"])
    changes = {"ended_on": ended_on.isoformat(), "reason": reason}
    record("subscribers.terminate_subscription", actor=actor, subject=subscription, changes=changes)
    return subscription


@durable
def add_feature(*, subscription_id: int, feature_id: int, from_on: date, actor: User | None) -> SubscriptionFeature:
    """
    Add a feature to a line from a day on.

    :raises LineNotActiveThen: if the line is not in service on that day
    :raises PeriodAlreadyBilled: if the day lies in a period that is billed
    :raises FeatureWithoutPrice: if the feature has no price on the day
    :raises FeatureAlreadyHeld: if the line has it
    """
    subscription = lock_in_service(subscription_id, on=from_on)
    feature = Feature.objects.get(pk=feature_id)
    named = {"feature": feature.code, "day": from_on}
    if not feature.prices.filter(during__contains=from_on).exists():
        raise FeatureWithoutPrice(context=named)
    twice = {"subscribers_subscriptionfeature_not_twice": lambda: FeatureAlreadyHeld(context=named)}
    with constraint_errors(twice):
        held = SubscriptionFeature.objects.create(subscription=subscription, feature=feature, during=days_from(from_on))
    changes = {"feature": feature.code, "from": from_on.isoformat()}
    record("subscribers.add_feature", actor=actor, subject=subscription, changes=changes)
    return held


@durable
def remove_feature(*, subscription_id: int, feature_id: int, until_on: date, actor: User | None) -> None:
    """
    Take a feature from a line: ``until_on`` is the first day without it.

    :raises FeatureNotHeld: if the line does not have it on that day
    :raises PeriodAlreadyBilled: if the day lies in a period that is billed
    """
    subscription = _lock(subscription_id)
    _check_day(subscription, until_on)
    held = SubscriptionFeature.objects.filter(
        subscription=subscription, feature_id=feature_id, during__contains=until_on
    )
    if not held.exists():
        code = Feature.objects.get(pk=feature_id).code
        raise FeatureNotHeld(context={"feature": code, "day": until_on})
    end_periods(held, on=until_on)
    changes = {"feature": feature_id, "until": until_on.isoformat()}
    record("subscribers.remove_feature", actor=actor, subject=subscription, changes=changes)


@transaction_required
def _lock(subscription_id: int) -> Subscription:
    lines = Subscription.objects.select_related("account__cycle")
    return lines.select_for_update(of=("self",), no_key=True).get(pk=subscription_id)


@transaction_required
def lock_in_service(subscription_id: int, *, on: date) -> Subscription:
    """
    Lock a line that something is to be changed about from a day on.

    :raises LineNotActiveThen: if it is not in service on that day
    :raises PeriodAlreadyBilled: if the day lies in a period that is billed
    """
    subscription = _lock(subscription_id)
    if not is_in_service(subscription.state):
        raise _not_then(subscription, on)
    _check_day(subscription, on)
    return subscription


def _check_day(subscription: Subscription, day: date) -> None:
    """Refuse a day before the line or in a period whose bills are made."""
    if subscription.active_from is None or day < subscription.active_from:
        raise _not_then(subscription, day)
    open_from = hold_open_from(subscription.account)
    if day < open_from:
        raise PeriodAlreadyBilled(context={"day": day, "open": open_from})


def _not_then(subscription: Subscription, day: date) -> LineNotActiveThen:
    first = subscription.active_until or subscription.active_from or ""
    return LineNotActiveThen(context={"state": subscription.state, "first": first, "day": day})


def _plan_held(subscription: Subscription, plan: Plan, day: date) -> SubscriptionPlan:
    """Return the plan row that ends on the day of a change, or refuse the change."""
    later = SubscriptionPlan.objects.filter(subscription=subscription, during__startswith__gte=day)
    planned = later.order_by("during").first()
    if planned is not None:
        raise PlanChangeAlreadyPlanned(context={"day": date_period(planned.during).start})
    current = SubscriptionPlan.objects.select_for_update().get(subscription=subscription, during__contains=day)
    if current.plan_id == plan.pk:
        raise PlanAlreadyHeld(context={"plan": plan.code, "day": day})
    return current


@transaction_required
def end_periods(held: Iterable[Held], *, on: date) -> None:
    """End what runs on a day; throw away what would have begun then or later."""
    for row in held:
        period = date_period(row.during)
        if period.start >= on:
            row.delete()
        elif period.until is None or period.until > on:
            row.during = days_from(period.start, on)
            row.save(update_fields=["during"])


def _move(
    subscription_id: int, target: LineState, *, verb: str, on: date, actor: User | None, reason: str = ""
) -> Subscription:
    subscription = _lock(subscription_id)
    before = subscription.state
    check_move(state=before, target=target)
    _check_day(subscription, on)
    subscription.state = target
    subscription.save(update_fields=["state"])
    record(
        f"subscribers.{verb}",
        actor=actor,
        subject=subscription,
        changes={"before": before, "after": str(target), "on": on.isoformat(), "reason": reason},
    )
    return subscription
