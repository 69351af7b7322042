"""The cheapest plan for a use that somebody tells, and for what a line used in the last months."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings

from billing_site.core import clock
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.money import decimal_to_micro
from billing_site.core.periods import DatePeriod, add_months, bill_period_of, month_of
from billing_site.core.quantities import Unit
from rating.domain.plan_advice import (
    MAX_USAGE,
    Fee,
    PartKind,
    PlanCost,
    PlanOffer,
    Terms,
    Usage,
    UseTooLarge,
    ZoneNeed,
    advise,
    representative_month,
)
from rating.domain.services import SERVICES_BY_CODE, Service
from rating.models import RatedUsage
from rating.queries.records import quantity_of
from subscribers.models import NumberRange, Subscription, SubscriptionFeature
from subscribers.queries.holders import find_plan_id
from tariffs.domain.price_book import PlanPrices, PriceBook
from tariffs.models import BillItem, FeaturePrice, Price, Zone
from tariffs.queries.plans import published_versions
from tariffs.queries.price_books import get_price_book

LAST_MONTHS = 3


class DestinationUnknown(BillingError):
    """Nobody can say which zone is meant."""

    default_code = "DESTINATION_UNKNOWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldNeed:
    """
    What one line needs a month: seconds by destination, how many per cent of them in the evening, messages, bytes.

    ``abroad`` is how numbers of the foreign destination begin: country code first, digits only.
    """

    local_seconds: int = 0
    mobile_seconds: int = 0
    abroad_seconds: int = 0
    abroad: str = ""
    evening_percent: int = 0
    messages: int = 0
    volume_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanAdvice:
    """
    The cost of every live plan, the cheapest first; ``zones`` are the names by id of the zones that were priced.

    ``current_plan_id`` is what the line has, ``usage_count`` how many records or representative calls were priced.
    """

    costs: tuple[PlanCost, ...]
    zones: Mapping[int, Mapping[str, str]]
    months: int
    usage_count: int
    current_plan_id: int | None = None

    @property
    def cheapest(self) -> PlanCost | None:
        """The plan to be advised, or ``None`` where no plan fits."""
        return next((cost for cost in self.costs if cost.refusal is None), None)

    @property
    def current(self) -> PlanCost | None:
        """What the line's own plan costs, if it is still sold and fits."""
        return next((cost for cost in self.costs if cost.offer.plan_id == self.current_plan_id), None)


def advise_for_need(
    *,
    need: ToldNeed,
    kind: str,
    lines: int,
    months: int,
    feature_ids: Iterable[int],
    on: date,
    category: str = "",
) -> PlanAdvice:
    """
    Return what each plan that is sold on a day costs for a told need, over a contract of some months.

    :param kind: kind of service of the plans
    :param feature_ids: extras that every line has
    :param category: customer category, of which a plan may have prices of its own
    :raises DestinationUnknown: for minutes to where no zone leads
    :raises UseTooLarge: for more than one question may price
    """
    book = get_price_book()
    usage = representative_month(
        _zone_needs(need, book=book, on=on), lines=lines, month=month_of(on), zone=clock.operator_zone()
    )
    terms = Terms(lines=lines, months=months, extras=_extras(feature_ids, on=on))
    costs = advise(live_offers(book, kind=kind, on=on, category=category), usage=usage, usage_months=1, terms=terms)
    return PlanAdvice(costs=costs, zones=_zone_names(costs), months=months, usage_count=len(usage))


def advise_for_line(*, subscription_id: int, on: date) -> PlanAdvice:
    """
    Return what each plan that is sold on a day would have cost for the line's last three whole bill periods.

    Its records are priced again one by one, with the allowances of each plan, as calls of nobody's favourite or group;
    what is paid once is left out.

    :raises Subscription.DoesNotExist: if there is no such line
    :raises UseTooLarge: for more records than one question may price
    """
    line = Subscription.objects.select_related("account__cycle").get(pk=subscription_id)
    bill_day = line.account.cycle.bill_day
    until = bill_period_of(on, bill_day).start
    period = DatePeriod(add_months(until, -LAST_MONTHS, anchor_day=bill_day), until)
    book = get_price_book()
    usage = _used(line.pk, book=book, period=period, bill_day=bill_day)
    features = SubscriptionFeature.objects.filter(subscription=line, during__contains=on)
    terms = Terms(lines=1, months=LAST_MONTHS, extras=_extras(features.values_list("feature_id", flat=True), on=on))
    offers = live_offers(get_price_book(), kind=line.kind, on=on, category=line.account.category, with_one_off=False)
    costs = advise(offers, usage=usage, usage_months=LAST_MONTHS, terms=terms)
    return PlanAdvice(
        costs=costs,
        zones=_zone_names(costs),
        months=LAST_MONTHS,
        usage_count=len(usage),
        current_plan_id=find_plan_id(subscription_id=line.pk, on=on),
    )


def live_offers(
    book: PriceBook, *, kind: str, on: date, category: str = "", with_one_off: bool = True
) -> tuple[PlanOffer, ...]:
    """
    Return the plans of a kind that can be had on a day, in the operator's currency, with their fees.

    :param category: of customers; empty for the general prices
    """
    versions = published_versions(on=on).filter(plan__kind=kind, currency=settings.SALDO_CURRENCY)
    rows = {version.pk: version for version in versions.select_related("plan").order_by("plan__code")}
    fees: defaultdict[tuple[int, str], list[Fee]] = defaultdict(list)
    for price in Price.objects.filter(plan_version__in=rows).order_by("bill_item__position", "pk"):
        fee = Fee(names=price.names, amount_micro=decimal_to_micro(price.amount))
        fees[price.plan_version_id, price.kind].append(fee)
    prices = {plan.plan_version_id: plan.for_category(category) for plan in book.plans}
    return tuple(
        PlanOffer(
            plan_id=version.plan_id,
            code=version.plan.code,
            names=version.plan.names,
            prices=prices[pk],
            monthly=tuple(fees[pk, Price.Kind.RECURRING]),
            one_off=tuple(fees[pk, Price.Kind.ONE_OFF]) if with_one_off else (),
            flat_units=_flat_units(prices[pk], kind=kind),
        )
        for pk, version in rows.items()
    )


def _flat_units(prices: PlanPrices, *, kind: str) -> frozenset[Unit]:
    """Internet access without any price of use counts nothing: its fee is all. By the hour it is no answer to bytes."""
    is_counted = any(unit in Service.DATA.candidate_units for unit, _, _ in prices.rates)
    return frozenset() if kind != BillItem.Kind.INTERNET or is_counted else frozenset({Unit.BYTES})


def _zone_needs(need: ToldNeed, *, book: PriceBook, on: date) -> Sequence[ZoneNeed]:
    local, mobile = (_own_number(use) for use in (NumberRange.Use.FIXED, NumberRange.Use.MOBILE))
    told = (
        (need.local_seconds, local, Unit.SECONDS),
        (need.mobile_seconds, mobile, Unit.SECONDS),
        (need.abroad_seconds, need.abroad, Unit.SECONDS),
        (need.messages, mobile, Unit.EVENTS),
    )
    found = [
        ZoneNeed(
            zone_id=_zone_of(number, book=book, on=on),
            quantity=quantity,
            evening=quantity * need.evening_percent // 100,
            unit=unit,
        )
        for quantity, number, unit in told
        if quantity
    ]
    if need.volume_bytes:
        found.append(ZoneNeed(zone_id=None, quantity=need.volume_bytes, unit=Unit.BYTES))
    return found


def _own_number(use: str) -> str:
    """Return a number of ours that stands for all of its use."""
    return NumberRange.objects.filter(use=use).order_by("first").values_list("first", flat=True).first() or ""


def _zone_of(number: str, *, book: PriceBook, on: date) -> int:
    zone_id = book.prefixes.zone_of(number, on=on)
    if zone_id is None:
        raise DestinationUnknown(
            gettext_noop("No zone begins like “%(number)s” on %(day)s."), context={"number": number, "day": on}
        )
    return zone_id


def _used(subscription_id: int, *, book: PriceBook, period: DatePeriod, bill_day: int) -> tuple[Usage, ...]:
    whole = period.instants(zone=clock.operator_zone())
    rows = RatedUsage.objects.filter(
        subscription_id=subscription_id,
        start_at__gte=whole.start,
        start_at__lt=whole.until,
        revision=0,
    ).order_by("start_at", "file_id", "line_number")
    found = tuple(rows[: MAX_USAGE + 1])
    if len(found) > MAX_USAGE:
        raise UseTooLarge(context={"limit": MAX_USAGE})
    return tuple(_usage_of(record, book=book, bill_day=bill_day) for record in found)


def _usage_of(record: RatedUsage, *, book: PriceBook, bill_day: int) -> Usage:
    first, *rest = SERVICES_BY_CODE[record.service].candidate_units
    zone_id: int | None = record.zone_id
    if zone_id in book.relation_zones.values():
        # The price of a relation is one plan's; of the number itself every plan has one.
        zone_id = book.prefixes.zone_of(record.called, on=record.start_at.astimezone(clock.operator_zone()).date())
    return Usage(
        line=record.subscription_id,
        zone_id=zone_id,
        started_at=record.start_at,
        quantity=quantity_of(record, first),
        unit=first,
        others={unit: quantity_of(record, unit) for unit in rest},
        period_start=_bill_period(record.start_at, bill_day),
    )


def _bill_period(start_at: datetime, bill_day: int) -> date:
    return bill_period_of(start_at.astimezone(clock.operator_zone()).date(), bill_day).start


def _extras(feature_ids: Iterable[int], *, on: date) -> tuple[Fee, ...]:
    """Return the extras with their prices of a day, in order of code."""
    prices = FeaturePrice.objects.filter(feature_id__in=list(feature_ids), during__contains=on)
    return tuple(
        Fee(names=price.feature.names, amount_micro=decimal_to_micro(price.amount))
        for price in prices.select_related("feature").order_by("feature__code")
    )


def _zone_names(costs: Iterable[PlanCost]) -> dict[int, Mapping[str, str]]:
    ids = {part.zone_id for cost in costs for part in cost.parts if part.kind is PartKind.USAGE and part.zone_id}
    return dict(Zone.objects.filter(pk__in=ids).values_list("pk", "names"))
