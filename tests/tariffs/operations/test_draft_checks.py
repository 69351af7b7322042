"""A draft that cannot charge is refused by the place that is wrong, and nothing is written."""

from datetime import date
from decimal import Decimal

import pytest

from billing_site.core.errors import BillingError
from tariffs.models import PlanVersion, Rate
from tariffs.operations.draft_checks import check_draft
from tariffs.operations.draft_inputs import NewAllowance, NewRate, NewStep
from tariffs.operations.plans import VersionDraft, create_plan, draft_plan_version
from tests.factories.tariffs import make_scheme, make_zone

APRIL = date(2026, 4, 1)
ONE = Decimal(1)


def rate(*steps, code="L", **more):
    return NewRate(**{"code": code, "zone_code": "LOCAL", "steps": steps or [NewStep(price=ONE)], **more})


def tier(start, end, **more):
    return NewStep(**{"from_units": start, "up_to_units": end, "price": ONE, **more})


def share(**more):
    tiers = [NewStep(percent=Decimal("1.3"))]
    return rate(*tiers, **{"model": "PERCENTAGE", "unit": "MONEY", "scope": "PERIOD", **more})


def allowance(**more):
    values = {"code": "A", "names": {}, "unit": "SECONDS", "quantity": 60, **more}
    return NewAllowance(**values)


def refusal(**draft):
    with pytest.raises(BillingError) as refused:
        check_draft(**{"prices": (), "rates": (), "rounding_places": 2, "valid_from": APRIL, **draft})
    return refused.value.code, refused.value.message


@pytest.mark.parametrize(
    ("bad", "code", "says"),
    [
        (rate(model="AUCTION"), "RATE_CHOICE_UNKNOWN", "AUCTION"),
        (rate(unit="MILES"), "RATE_CHOICE_UNKNOWN", "MILES"),
        (rate(scope="YEAR"), "RATE_CHOICE_UNKNOWN", "YEAR"),
        (rate(scope="PERIOD"), "RATE_MODEL_UNSOUND", "choose a model with tiers"),
        (rate(free_units=5), "RATE_MODEL_UNSOUND", "free units"),
        (rate(counter_code="C"), "RATE_MODEL_UNSOUND", "counter"),
        (rate(tier(0, 60)), "RATE_STEPS_UNSOUND", "no ends"),
        (rate(NewStep(flat_fee=ONE)), "RATE_STEPS_UNSOUND", "no ends"),
        (rate(NewStep(increment_units=None)), "RATE_STEPS_UNSOUND", "Rate L"),
        (rate(tier(0, None), model="TIERS", surcharge_amount=ONE), "RATE_MODEL_UNSOUND", "surcharge"),
        (rate(tier(0, 5), tier(4, 9), model="TIERS"), "RATE_TIERS_UNSOUND", "tier 2 begins before"),
        (rate(tier(0, 5), tier(6, None), model="GRADUATED"), "RATE_TIERS_UNSOUND", "tier 2 must begin where"),
        (rate(tier(1, None), model="VOLUME"), "RATE_TIERS_UNSOUND", "tier 1 must begin"),
        (rate(tier(0, 5), model="VOLUME"), "RATE_TIERS_UNSOUND", "has no end"),
        (rate(tier(0, 5), tier(5, None), model="PACKAGE"), "RATE_TIERS_UNSOUND", "one price"),
        (rate(tier(5, 5), model="TIERS"), "RATE_TIERS_UNSOUND", "ends before its first unit"),
        (rate(tier(0, 2**63), model="TIERS"), "RATE_TIERS_UNSOUND", "ends before"),
        (rate(tier(0, None, per_units=0), model="TIERS"), "RATE_TIERS_UNSOUND", "below 1"),
        (rate(tier(0, None, percent=ONE), model="TIERS"), "RATE_TIERS_UNSOUND", "no per cent"),
        (share(unit="SECONDS"), "RATE_MODEL_UNSOUND", "MONEY"),
        (share(scope="EVENT", free_events=3), "RATE_MODEL_UNSOUND", "free sum"),
        (share(free_events=-1), "RATE_MODEL_UNSOUND", "free"),
        (rate(tier(0, None, percent=Decimal(1000)), model="TIERS"), "AMOUNT_OUT_OF_RANGE", "L 0 s percent"),
        (rate(tier(0, None, flat_fee=Decimal("0.0000001")), model="TIERS"), "AMOUNT_TOO_PRECISE", "L 0 s flat_fee"),
    ],
)
def test_rate_is_refused_by_its_place(bad, code, says):
    found, message = refusal(rates=[bad])

    assert (found, says in message) == (code, True), message


@pytest.mark.parametrize(
    ("rates", "code"),
    [
        ([rate(), rate(code="M")], "RATE_DOUBLED"),
        ([rate(), rate(unit="EVENTS")], "CODE_REPEATED"),
        ([rate(), rate(tier(0, 9), code="M", model="TIERS", category="STATE")], "RATE_MODELS_MIXED"),
        (
            [
                rate(tier(0, 9), model="TIERS", scope="PERIOD", counter_code="C"),
                rate(tier(0, 9), code="M", model="TIERS", scope="PERIOD", counter_code="C", unit="BYTES"),
            ],
            "COUNTER_UNITS_MIXED",
        ),
    ],
)
def test_rates_that_contradict_one_another_are_refused(rates, code):
    assert refusal(rates=rates)[0] == code


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ([allowance(quantity=0)], "ALLOWANCE_QUANTITY_UNSOUND"),
        ([allowance(rollover_limit=5)], "ROLLOVER_UNSOUND"),
        ([allowance(rolls_over=True, rollover_limit=-1)], "ROLLOVER_UNSOUND"),
        ([allowance(), allowance(code="B")], "ALLOWANCE_ORDER_UNCLEAR"),
        ([allowance(), allowance(priority=2)], "CODE_REPEATED"),
        ([allowance(valid_until=APRIL)], "ALLOWANCE_PERIOD_UNSOUND"),
        ([allowance(valid_from=date(2026, 5, 1), valid_until=date(2026, 5, 1))], "ALLOWANCE_PERIOD_UNSOUND"),
    ],
)
def test_allowance_is_refused_by_its_name(bad, code):
    found, message = refusal(allowances=bad)

    assert (found, "A" in message) == (code, True)


def test_rates_for_units_categories_and_models_stand_side_by_side():
    rates = [
        rate(),
        rate(code="STATE", category="STATE"),
        rate(code="SMS", unit="EVENTS"),
        rate(tier(0, 9), code="DATA", unit="BYTES", model="TIERS", scope="PERIOD", counter_code="C"),
        share(code="CONTENT", free_events=3, free_units=5),
    ]

    check_draft(prices=(), rates=rates, rounding_places=2, allowances=[allowance(rolls_over=True)], valid_from=APRIL)


@pytest.mark.django_db
def test_nothing_of_a_refused_draft_is_written(specialist):
    make_zone()
    plan = create_plan(code="CITY", kind="FIXED", names={"en": "City"}, actor=specialist)
    draft = VersionDraft(
        valid_from=APRIL,
        window_scheme_code=make_scheme().code,
        currency="AMD",
        rates=[rate(), rate(tier(0, 5), code="M", model="VOLUME", unit="BYTES")],
    )

    with pytest.raises(BillingError, match="Rate M, tier 1"):
        draft_plan_version(plan_id=plan.pk, draft=draft, actor=specialist)

    assert (PlanVersion.objects.count(), Rate.objects.count()) == (0, 0)
