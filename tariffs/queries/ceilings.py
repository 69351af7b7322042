"""The ceilings of prices that hold on some days."""

from collections import defaultdict

from billing_site.core.money import decimal_to_micro
from billing_site.core.periods import DatePeriod
from billing_site.core.quantities import Unit
from billing_site.db.ranges import date_period, days_from
from tariffs.domain.ceilings import BrokenCeiling, Ceiling, ceilings_broken
from tariffs.models import PlanVersion, PriceCeiling, Zone
from tariffs.queries.price_books import get_version_prices


def ceilings_of(*, period: DatePeriod, currency: str) -> tuple[Ceiling, ...]:
    """Return the ceilings of a currency that hold on any day of a period, in order of code, with their zones."""
    rows = PriceCeiling.objects.filter(currency=currency, during__overlap=days_from(period.start, period.until))
    found = list(rows.order_by("code"))
    zones: defaultdict[int | None, set[int]] = defaultdict(set)
    for zone_id, category_id in Zone.objects.values_list("pk", "usage_category_id"):
        zones[category_id].add(zone_id)
    return tuple(
        Ceiling(
            code=row.code,
            document=row.document,
            zone_ids=frozenset({row.zone_id} if row.zone_id is not None else zones[row.usage_category_id]),
            unit=Unit(row.unit),
            units=row.units,
            maximum_micro=decimal_to_micro(row.maximum_price),
            with_connect_fee=row.with_connect_fee,
            valid=date_period(row.during),
        )
        for row in found
    )


def broken_ceilings(*, version_id: int) -> tuple[BrokenCeiling, ...]:
    """
    Return the ceilings that a version of a plan breaks, whatever its state.

    :raises PlanVersion.DoesNotExist: if there is no such version
    """
    prices = get_version_prices(version_id)
    currency = PlanVersion.objects.values_list("currency", flat=True).get(pk=version_id)
    return ceilings_broken(prices, ceilings_of(period=prices.valid, currency=currency))
