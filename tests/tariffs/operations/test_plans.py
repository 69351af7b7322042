"""Plans and their versions."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from billing_site.audit.models import AuditEntry
from billing_site.core.periods import DatePeriod
from billing_site.db.ranges import date_period
from tariffs.models import Allowance, Plan, PlanVersion, Price, Rate, RateStep
from tariffs.operations.amounts import AmountOutOfRange, AmountTooPrecise
from tariffs.operations.codes import CodeTaken, UnknownCode
from tariffs.operations.draft_checks import PriceDoubled, RateDoubled, RoundingTooFine
from tariffs.operations.draft_inputs import NewAllowance, NewPrice, NewRate, NewStep
from tariffs.operations.lifecycle import submit_plan_version
from tariffs.operations.plans import (
    LaterVersionPublished,
    PlanNotInForce,
    VersionAlreadyPublished,
    VersionDraft,
    VersionNotChecked,
    VersionPeriodEmpty,
    VersionWithoutPrices,
    create_plan,
    draft_plan_version,
    publish_plan_version,
    retire_plan,
)
from tariffs.operations.rate_checks import RateStepsUnsound
from tariffs.queries.plans import find_published_version, plans_for_sale
from tests.factories.tariffs import make_bill_item, make_draft, make_plan, make_scheme, make_zone, submit

NOW = datetime(2026, 3, 5, 6, 0, tzinfo=UTC)
APRIL = date(2026, 4, 1)
pytestmark = pytest.mark.django_db


def step(price: str) -> NewStep:
    return NewStep(price=Decimal(price))


def draft_of(**changes: object) -> VersionDraft:
    make_zone()
    make_bill_item()
    values = {"valid_from": APRIL, "window_scheme_code": make_scheme().code, "currency": "AMD", **changes}
    return VersionDraft(**values)  # type: ignore[arg-type]


def test_plan_version_is_drafted_whole(specialist):
    """000-09: a plan with a fee, rates with steps and allowances, without a programmer."""
    plan = create_plan(code="CITY", kind="FIXED", names={"en": "City"}, actor=specialist)
    rate = NewRate(code="L", zone_code="LOCAL", steps=[step("5"), NewStep(price=Decimal("2.5"), from_units=180)])
    free = NewAllowance(code="H", names={"en": "Hour"}, unit="SECONDS", quantity=3600, zone_codes=["LOCAL"])
    fee = NewPrice(bill_item_code="CALLS", names={"en": "Fee"}, amount=Decimal("1500.123456"))

    version = draft_plan_version(
        plan_id=plan.pk, draft=draft_of(prices=[fee], rates=[rate], allowances=[free]), actor=specialist
    )

    assert (version.number, version.state, version.created_by) == (1, "DRAFT", specialist)
    assert date_period(version.during) == DatePeriod(APRIL)
    assert Price.objects.get(plan_version=version).amount == Decimal("1500.123456")
    assert list(RateStep.objects.filter(rate__plan_version=version).values_list("from_units", flat=True)) == [0, 180]
    assert [zone.code for zone in Allowance.objects.get(plan_version=version).zones.all()] == ["LOCAL"]
    acts = list(AuditEntry.objects.order_by("id").values_list("action", "actor_name"))
    assert acts[-1] == ("tariffs.draft_plan_version", str(specialist))


def test_plan_with_a_code_in_use_is_refused(specialist):
    make_plan(code="CITY", is_published=False)

    with pytest.raises(CodeTaken) as refused:
        create_plan(code="CITY", kind="FIXED", names={}, actor=specialist)

    assert refused.value.message == "There is a plan with the code CITY already."
    assert Plan.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "refusal", "says"),
    [
        ({"valid_until": APRIL}, VersionPeriodEmpty, "no day is left"),
        ({"rounding_places": 7}, RoundingTooFine, "not to 7"),
        ({"rates": [NewRate(code="L", zone_code="NOWHERE", steps=[step("1")])]}, UnknownCode, "NOWHERE"),
        ({"rates": [NewRate(code="L", zone_code="LOCAL", steps=[step("1.0000001")])]}, AmountTooPrecise, "L 0 s"),
        ({"rates": [NewRate(code="L", zone_code="LOCAL", steps=[step("-1")])]}, AmountOutOfRange, "L 0 s"),
        (
            {"rates": [NewRate(code="L", zone_code="LOCAL", steps=[step("1")], connect_fee=Decimal("0.0000005"))]},
            AmountTooPrecise,
            "L connect_fee",
        ),
        ({"rates": [NewRate(code="L", zone_code="LOCAL", steps=[])]}, RateStepsUnsound, "Rate L"),
        (
            {"rates": [NewRate(code="L", zone_code="LOCAL", steps=[NewStep(price=Decimal(1), from_units=1)])]},
            RateStepsUnsound,
            "Rate L",
        ),
        (
            {"rates": [NewRate(code="L", zone_code="LOCAL", steps=[NewStep(price=Decimal(1), increment_units=0)])]},
            RateStepsUnsound,
            "Rate L",
        ),
        (
            {"rates": [NewRate(code=code, zone_code="LOCAL", steps=[step("1")]) for code in ("A", "B")]},
            RateDoubled,
            "A and B",
        ),
        (
            {"rates": [NewRate(code="L", zone_code="LOCAL", steps=[step("1")], window_code="PEAK")]},
            UnknownCode,
            "window with the code PEAK",
        ),
        (
            {
                "rates": [
                    NewRate(
                        code="L",
                        zone_code="LOCAL",
                        steps=[step("1")],
                        minimum_charge=Decimal(2),
                        maximum_charge=Decimal(1),
                    )
                ]
            },
            AmountOutOfRange,
            "L maximum_charge",
        ),
        ({"prices": [NewPrice(bill_item_code="CALLS", names={}, amount=Decimal(1))] * 2}, PriceDoubled, "CALLS"),
        (
            {"prices": [NewPrice(bill_item_code="CALLS", names={}, amount=Decimal("0.1234567"))]},
            AmountTooPrecise,
            "CALLS is 0.1234567",
        ),
        ({"prices": [NewPrice(bill_item_code="CALLS", names={}, amount=Decimal("NaN"))]}, AmountOutOfRange, "CALLS"),
        ({"window_scheme_code": "NONE"}, UnknownCode, "NONE"),
    ],
)
def test_draft_that_cannot_be_charged_is_refused_by_name(specialist, changes, refusal, says):
    plan = make_plan(is_published=False)
    draft = draft_of(**changes)

    with pytest.raises(refusal) as refused:
        draft_plan_version(plan_id=plan.pk, draft=draft, actor=specialist)

    assert says in refused.value.message
    assert (PlanVersion.objects.count(), Rate.objects.count(), Price.objects.count()) == (0, 0, 0)


def test_publishing_ends_the_version_before(specialist, approver):
    """000-11: from a day on the new price, before it the old one."""
    plan = make_plan()
    version = submit(make_draft(plan=plan, valid_from=APRIL, maker=specialist), actor=specialist)

    publish_plan_version(version_id=version.pk, published_at=NOW, actor=approver)

    periods = [date_period(row.during) for row in PlanVersion.objects.order_by("number")]
    assert periods == [DatePeriod(date(2020, 1, 1), APRIL), DatePeriod(APRIL)]
    march, april = (find_published_version(plan_id=plan.pk, on=day) for day in (date(2026, 3, 31), APRIL))
    assert march is not None
    assert april is not None
    assert (march.number, april.number) == (1, 2)
    acts = AuditEntry.objects.filter(action="tariffs.publish_plan_version", subject_id=str(version.pk))
    assert list(acts.values_list("actor__username", flat=True)) == ["approver"]


def test_maker_cannot_publish(specialist):
    """000-10: the maker cannot approve it."""
    version = submit(make_draft(plan=make_plan(is_published=False), maker=specialist), actor=specialist)

    with pytest.raises(VersionNotChecked):
        publish_plan_version(version_id=version.pk, published_at=NOW, actor=specialist)

    version.refresh_from_db()
    assert (version.state, version.approved_by) == ("SUBMITTED", None)


def test_publishing_twice_is_refused(specialist, approver):
    version = submit(make_draft(plan=make_plan(is_published=False), maker=specialist), actor=specialist)
    publish_plan_version(version_id=version.pk, published_at=NOW, actor=approver)

    with pytest.raises(VersionAlreadyPublished):
        publish_plan_version(version_id=version.pk, published_at=NOW, actor=approver)


def test_publishing_nothing_is_refused(specialist):
    plan = make_plan(is_published=False)
    version = draft_plan_version(plan_id=plan.pk, draft=draft_of(), actor=specialist)

    with pytest.raises(VersionWithoutPrices):
        submit_plan_version(version_id=version.pk, submitted_at=NOW, actor=specialist)

    assert not plans_for_sale(on=APRIL).exists()


@pytest.mark.parametrize("first", [APRIL, date(2026, 3, 1)])
def test_publishing_under_a_later_version_is_refused(specialist, approver, first):
    plan = make_plan(valid_from=APRIL)
    version = submit(make_draft(plan=plan, valid_from=first, maker=specialist), actor=specialist)

    with pytest.raises(LaterVersionPublished):
        publish_plan_version(version_id=version.pk, published_at=NOW, actor=approver)

    assert PlanVersion.objects.filter(state="PUBLISHED").count() == 1


def test_published_prices_cannot_be_changed_even_past_the_operations(specialist):
    plan = make_plan()
    step_row = RateStep.objects.get(rate__plan_version__plan=plan)

    with pytest.raises(IntegrityError), transaction.atomic():
        RateStep.objects.filter(pk=step_row.pk).update(price=0)

    step_row.refresh_from_db()
    assert step_row.price == 5


def test_retired_plan_is_not_for_sale(specialist):
    plan = make_plan(kind="MOBILE")

    retire_plan(plan_id=plan.pk, until=APRIL, actor=specialist)

    assert list(plans_for_sale(on=date(2026, 3, 31), kind="MOBILE")) == [plan]
    assert not plans_for_sale(on=APRIL).exists()
    with pytest.raises(PlanNotInForce):
        retire_plan(plan_id=plan.pk, until=APRIL, actor=specialist)


def test_plan_without_a_version_cannot_be_retired(specialist):
    plan = make_plan(is_published=False)

    with pytest.raises(PlanNotInForce):
        retire_plan(plan_id=plan.pk, until=APRIL, actor=specialist)
