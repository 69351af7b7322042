"""The worked tables of billing_site/docs/rounding.md, to the last digit."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from billing_site.core.money import RoundingMode, decimal_to_micro, micro_to_minor, round_quotient
from billing_site.core.periods import DatePeriod
from invoicing.domain.tax import split_tax
from rating.domain.pricing import price_call
from tariffs.domain.price_book import PlanPrices
from tariffs.domain.rates import Rate, RoundingPolicy, rate_step


def price(*, seconds: int, fee: str, steps: list[tuple[str, int, int, int]], rounding: RoundingPolicy) -> Decimal:
    rate = Rate(
        rate_id=1,
        zone_id=1,
        connect_fee_micro=decimal_to_micro(Decimal(fee)),
        steps=tuple(
            rate_step(price=Decimal(amount), per=per, increment=increment, from_units=begin)
            for amount, per, increment, begin in steps
        ),
    )
    prices = PlanPrices.of(
        plan_id=1,
        plan_version_id=1,
        valid=DatePeriod(date(2026, 1, 1)),
        rates=[rate],
        rounding=rounding,
    )
    charge = price_call(
        prices=prices, zone_id=1, started_at=datetime(2026, 3, 2, 10, tzinfo=UTC), duration_seconds=seconds
    )
    return Decimal(charge.amount_micro) / 1_000_000


@pytest.mark.parametrize(
    ("seconds", "fee", "steps", "rounding", "amount"),
    [
        (24, "0.15", [("0.05", 60, 1, 0)], RoundingPolicy(mode=RoundingMode.UP, places=2), "0.17"),
        (59, "0.045", [("0.16", 60, 1, 0)], RoundingPolicy(mode=RoundingMode.HALF_UP, places=4), "0.2023"),
        (61, "0", [("1", 60, 60, 0), ("0.1", 60, 60, 60)], RoundingPolicy(mode=RoundingMode.HALF_UP, places=4), "1.1"),
    ],
)
def test_record_is_rounded_once(seconds, fee, steps, rounding, amount):
    assert price(seconds=seconds, fee=fee, steps=steps, rounding=rounding) == Decimal(amount)


def test_line_of_usage_is_rounded_to_the_currency():
    assert micro_to_minor(1_667_600_000, digits=0) == 1_668


@pytest.mark.parametrize(("digits", "net_minor"), [(0, 1_071), (2, 107_143)])
def test_line_of_a_part_period_is_rounded_once(digits, net_minor):
    assert round_quotient(numerator=3_000 * 10**digits * 10, denominator=28) == net_minor


@pytest.mark.parametrize(("nets", "taxes"), [([333, 333, 334], (67, 66, 67)), ([1, 1, 1], (1, 0, 0))])
def test_tax_is_rounded_once_and_shared(nets, taxes):
    assert split_tax(nets_minor=nets, rate_ppm=200_000) == taxes
