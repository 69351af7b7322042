"""Everything that prices usage, read once and frozen."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from django.db.models import QuerySet

from billing_site.core import clock
from billing_site.core.money import RoundingMode
from billing_site.core.periods import DatePeriod
from billing_site.db.sql import fetch_sql
from tariffs.domain.points import PointEntry, PointTable
from tariffs.domain.prefixes import PrefixEntry, PrefixTable
from tariffs.domain.price_book import PlanPrices, PriceBook
from tariffs.domain.rates import RoundingPolicy
from tariffs.domain.relations import Relation
from tariffs.domain.windows import Window, WindowScheme
from tariffs.models import (
    PlanVersion,
    RateDeckPrefix,
    SpecialDay,
    UsageCategoryItem,
    Window as WindowRow,
    Zone,
    ZonePoint,
)
from tariffs.queries.price_rows import allowances_of_versions, rates_of_versions

_ROUNDING = {
    PlanVersion.Rounding.HALF_UP: RoundingMode.HALF_UP,
    PlanVersion.Rounding.UP: RoundingMode.UP,
}


class DatedItem(NamedTuple):
    """The bill item of a zone's usage on some days; ``until_on`` is exclusive, ``None`` means without end."""

    zone_id: int
    from_on: date
    until_on: date | None
    bill_item_id: int


def get_price_book() -> PriceBook:
    """
    Return every published plan version and every prefix and point as one frozen value.

    Eleven queries, whatever the number of plans. Days are the operator's; amounts are micro units of the plan's
    currency.

    :raises ValueError: if the tables contradict themselves (two versions of a plan on one day); their constraints
        forbid it
    """
    zones = Zone.objects.exclude(relation="").values_list("relation", "pk")
    return PriceBook(
        prefixes=get_prefix_table(),
        points=_points(),
        relation_zones={Relation(relation): zone_id for relation, zone_id in zones},
        plans=_plan_prices(PlanVersion.objects.filter(state=PlanVersion.State.PUBLISHED)),
    )


def get_version_prices(version_id: int) -> PlanPrices:
    """
    Return what one version prices, whatever its state: a draft, too, can be tried.

    :raises PlanVersion.DoesNotExist: if there is no such version
    :raises ValueError: if its rates contradict themselves
    """
    found = _plan_prices(PlanVersion.objects.filter(pk=version_id))
    if not found:
        raise PlanVersion.DoesNotExist
    return found[0]


def _plan_prices(versions: "QuerySet[PlanVersion]") -> tuple[PlanPrices, ...]:
    found = list(versions.order_by("pk"))
    numbers = [version.pk for version in found]
    schemes = _schemes(WindowRow.objects.order_by("scheme_id", "pk"))
    rates, allowances = rates_of_versions(numbers), allowances_of_versions(numbers)
    free_zones = frozenset(Zone.objects.filter(is_free=True).values_list("pk", flat=True))
    return tuple(
        PlanPrices.of(
            plan_id=version.plan_id,
            plan_version_id=version.pk,
            version=version.number,
            valid=period_of(version.during),
            scheme=schemes.get(version.window_scheme_id),
            rounding=RoundingPolicy(
                mode=_ROUNDING[PlanVersion.Rounding(version.rounding_mode)], places=version.rounding_places
            ),
            rates=rates.get(version.pk, ()),
            allowances=allowances.get(version.pk, ()),
            free_zones=free_zones,
        )
        for version in found
    )


def get_prefix_table() -> PrefixTable:
    """Return the zones of numbers by prefix and day."""
    # Most prefixes of a deck share their days.
    period = lru_cache(maxsize=None)(DatePeriod)
    return PrefixTable(
        tuple(
            PrefixEntry(prefix=prefix, zone_id=zone_id, valid=period(start or date.min, until))
            for prefix, zone_id, start, until in fetch_sql("tariffs", "price_book_prefixes")
        )
    )


def _points() -> PointTable:
    """Return the zones of access points and named services by day."""
    rows = ZonePoint.objects.order_by("pk").values_list("service", "name", "zone_id", "during")
    return PointTable(
        tuple(
            PointEntry(service=service, name=name, zone_id=zone_id, valid=period_of(during))
            for service, name, zone_id, during in rows
        )
    )


def waiting_prefixes(version_id: int) -> dict[str, int]:
    """Return the zones to which the prefixes of a version's rate decks will lead once it is published, by prefix."""
    rows = RateDeckPrefix.objects.filter(deck__plan_version=version_id).order_by("deck_id")
    # Of several decks the last one stands.
    return dict(rows.values_list("prefix", "zone_id"))


def bill_items_by_zone(*, on: date | None = None) -> dict[int, int | None]:
    """
    Return for each zone the bill item that its usage goes into; ``None`` where its category has no item.

    :param on: the day of the usage; without one, the item that holds from the last change on
    """
    rows = UsageCategoryItem.objects.all()
    rows = rows.filter(during__upper_inf=True) if on is None else rows.filter(during__contains=on)
    item_of = dict(rows.values_list("category_id", "bill_item_id"))
    return {zone: item_of.get(category) for zone, category in Zone.objects.values_list("pk", "usage_category_id")}


def dated_bill_items() -> tuple[DatedItem, ...]:
    """
    Return for each zone the bill items over time, in order of zones and days; nothing where none ever changed.

    Who gets nothing may go by ``bill_items_by_zone()`` on any day.
    """
    rows = list(UsageCategoryItem.objects.values_list("category_id", "bill_item_id", "during"))
    if all(during.lower is None and during.upper is None for _category, _item, during in rows):
        return ()
    spans: defaultdict[int, list[tuple[DatePeriod, int]]] = defaultdict(list)
    for category, item, during in rows:
        spans[category].append((period_of(during), item))
    return tuple(
        DatedItem(zone, period.start, period.until, item)
        for zone, category in Zone.objects.order_by("pk").values_list("pk", "usage_category_id")
        for period, item in sorted(spans[category], key=lambda span: span[0].start)
    )


def period_of(during: Any) -> DatePeriod:
    """Return a range column as a period of days; an open beginning is the first day there is."""
    return DatePeriod(during.lower or date.min, during.upper)


def _schemes(windows: Iterable[WindowRow]) -> dict[int, WindowScheme]:
    """Return the window schemes; the position of a window is its place in the order of ids."""
    holidays = dict(SpecialDay.objects.values_list("day", "counts_as_weekday"))
    rows: defaultdict[int, list[Window]] = defaultdict(list)
    for row in windows:
        rows[row.scheme_id].append(Window(days=frozenset(row.weekdays), from_minute=row.opens_at_minute))
    return {
        scheme_id: WindowScheme(windows=tuple(found), zone=clock.operator_zone(), holidays=holidays)
        for scheme_id, found in rows.items()
    }
