"""001-35: what the state allows at most is known before a plan is approved."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from billing_site.core.periods import DatePeriod
from billing_site.core.quantities import Unit
from tariffs.domain.ceilings import Ceiling, ceilings_broken, dearest
from tariffs.domain.charge_models import ChargeModel, Tier
from tariffs.domain.price_book import PlanPrices
from tariffs.domain.rates import Rate, RateStep

JULY = date(2026, 7, 1)
ALWAYS = DatePeriod(date(2020, 1, 1))


def ceiling(maximum=60, **more):
    values = {
        "code": "C1",
        "document": "Order 17",
        "zone_ids": frozenset({1}),
        "unit": Unit.SECONDS,
        "units": 60,
        "maximum_micro": maximum,
        "with_connect_fee": True,
        "valid": ALWAYS,
    }
    return Ceiling(**{**values, **more})


def rate(*steps, rate_id=1, zone_id=1, **more):
    return Rate(rate_id=rate_id, zone_id=zone_id, steps=steps, **more)


def broken(*rates, against=None, **more):
    prices = PlanPrices.of(plan_id=1, plan_version_id=1, valid=ALWAYS, rates=rates, **more)
    return [(one.rate.rate_id, one.found_micro, one.since) for one in ceilings_broken(prices, [against or ceiling()])]


@pytest.mark.parametrize(
    ("steps", "more", "found"),
    [
        ([RateStep(price_micro=1)], {}, None),
        ([RateStep(price_micro=61, per=60)], {}, 61),
        ([RateStep(price_micro=1, per=60, increment=61)], {"connect_fee_micro": 60}, Fraction(61, 60) + 60),
        ([RateStep(price_micro=1)], {"connect_fee_micro": 1}, 61),
        ([RateStep(price_micro=0), RateStep(from_units=300, price_micro=2)], {}, 120),
        ([RateStep(price_micro=1, increment=45)], {}, 90),
        ([RateStep(price_micro=0)], {"min_charge_micro": 70}, 70),
        ([RateStep(price_micro=9)], {"max_cost_micro": 60}, None),
    ],
)
def test_dearest_step_with_its_fee_is_held_against_the_ceiling(steps, more, found):
    expected = [] if found is None else [(1, Fraction(found), ALWAYS)]

    assert broken(rate(*steps, **more)) == expected


def test_ceiling_without_fee_looks_at_the_price_only():
    fee = rate(RateStep(price_micro=1), connect_fee_micro=500, min_charge_micro=600)

    assert broken(fee, against=ceiling(with_connect_fee=False)) == []


def test_tiers_and_categories_count_and_other_places_do_not():
    tier = Tier(price_micro=0, flat_micro=61)
    flat = Rate(rate_id=2, zone_id=1, model=ChargeModel.GRADUATED, tiers=(tier,), category="STATE")
    dear = RateStep(price_micro=9)
    others = [rate(dear, rate_id=3, zone_id=2), rate(dear, rate_id=4, unit=Unit.EVENTS)]

    assert broken(flat, *others) == [(2, Fraction(61), ALWAYS)]


def test_share_of_money_has_a_ceiling_of_money():
    share = Rate(
        rate_id=1,
        zone_id=1,
        unit=Unit.MONEY,
        model=ChargeModel.GRADUATED_PERCENTAGE,
        tiers=(Tier(percent_millionths=20_000_000),),
    )
    limit = ceiling(unit=Unit.MONEY, units=1_000_000, maximum=150_000)

    assert broken(share, against=limit) == [(1, Fraction(200_000), ALWAYS)]


def test_ceiling_counts_on_its_own_days():
    dear = rate(RateStep(price_micro=9))

    assert broken(dear, against=ceiling(valid=DatePeriod(JULY))) == [(1, Fraction(540), DatePeriod(JULY))]
    assert broken(dear, against=ceiling(valid=DatePeriod(date(2019, 1, 1), date(2020, 1, 1)))) == []


def test_free_zone_breaks_nothing():
    assert broken(rate(RateStep(price_micro=9)), free_zones=frozenset({1})) == []


@given(price=st.integers(0, 500), per=st.sampled_from([1, 7, 60]), increment=st.integers(1, 90), fee=st.integers(0, 99))
def test_no_use_of_the_units_is_dearer_than_the_dearest(price, per, increment, fee):
    one = rate(RateStep(price_micro=price, per=per, increment=increment), connect_fee_micro=fee)

    assert dearest(one, ceiling()) == fee + Fraction(-(-60 // increment) * increment * price, per)


@pytest.mark.parametrize("values", [{"units": 0}, {"maximum": -1}])
def test_ceiling_that_limits_nothing_is_refused(values):
    with pytest.raises(ValueError, match="not a ceiling"):
        ceiling(**values)
