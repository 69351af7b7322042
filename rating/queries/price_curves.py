"""What calls of growing length cost under a version: a line for each of a few zones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from billing_site.core.errors import BillingError
from billing_site.core.money import micro_to_decimal
from billing_site.core.quantities import Unit
from rating.domain.pricing import price_usage
from tariffs.domain.price_book import PlanPrices
from tariffs.models import Rate
from tariffs.queries.price_books import get_version_prices

LINES = 4
DURATIONS = tuple(range(0, 601, 30))


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceCurve:
    """The price of a call to a zone at each of ``DURATIONS``; ``None`` where there is no price."""

    zone_code: str
    amounts: tuple[Decimal | None, ...]


def price_curves(version_id: int, *, at: datetime) -> Sequence[PriceCurve]:
    """
    Return curves of the first zones that a version prices.

    :param at: when the calls begin
    """
    rates = Rate.objects.filter(plan_version=version_id).order_by("pk").values_list("zone_id", "zone__code")
    zones = list(dict.fromkeys(rates))[:LINES]
    if not zones:
        return ()
    prices = get_version_prices(version_id)
    return tuple(
        PriceCurve(zone_code=code, amounts=tuple(_amount(prices, zone_id, at, seconds) for seconds in DURATIONS))
        for zone_id, code in zones
    )


def _amount(prices: PlanPrices, zone_id: int, at: datetime, seconds: int) -> Decimal | None:
    try:
        charge = price_usage(prices=prices, zone_id=zone_id, unit=Unit.SECONDS, started_at=at, quantity=seconds)
    except BillingError:
        return None
    return micro_to_decimal(charge.amount_micro)
