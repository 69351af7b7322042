"""Plan advice on the demo operator's own price lists (004-07, 004-08)."""

from datetime import date

import pytest

from billing_site.console.demo.catalogue import make_catalogue
from rating.domain import plan_advice
from rating.domain.plan_advice import PartKind, UseTooLarge
from rating.models import RatedUsage
from rating.queries.plan_advice import DestinationUnknown, ToldNeed, advise_for_line, advise_for_need
from subscribers.models import Subscription
from subscribers.operations.subscriptions import add_feature
from tariffs.models import Feature, Plan
from tests.factories.rating import load_lines, make_source, rate_all
from tests.factories.subscribers import make_account, make_cycle, make_line, make_range

TODAY = date(2026, 3, 5)
NUMBER = "99910200000"
pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(settings, tmp_path, specialist, approver, centre):
    settings.SALDO_FILES_ROOT = tmp_path / "files"
    make_catalogue()
    make_range(first=NUMBER, use="FIXED", centre=centre)
    make_range(first="99990000000", use="MOBILE", centre=centre)


def told(*, kind="FIXED", lines=1, months=12, features=(), **need):
    return advise_for_need(need=ToldNeed(**need), kind=kind, lines=lines, months=months, feature_ids=features, on=TODAY)


@pytest.mark.usefixtures("demo")
def test_light_use_gets_the_social_plan_and_heavy_use_the_allowance():
    light = told(local_seconds=60 * 60)
    heavy = told(local_seconds=3000 * 60, months=24)

    assert light.cheapest.offer.code == "SOCIAL"
    assert light.cheapest.monthly_micro == 300_000_000
    assert heavy.cheapest.offer.code == "HOME-BUNDLE"
    assert heavy.cheapest.total_micro == (24 * 5000 + 2500) * 1_000_000
    assert {cost.offer.code for cost in light.costs} >= {"CITY-200", "CITY-MINUTE", "EVENING", "BUSINESS"}


@pytest.mark.usefixtures("demo")
def test_evening_share_foreign_minutes_and_extras_are_priced():
    extra = Feature.objects.get(code="STATIC-IP")

    found = told(abroad_seconds=600, abroad="374", local_seconds=600, evening_percent=100, features=[extra.pk])

    evening = next(cost for cost in found.costs if cost.offer.code == "EVENING")
    parts = {part.kind: part.amount_micro for part in evening.parts if part.kind is not PartKind.USAGE}
    assert parts[PartKind.EXTRA] == 12 * 1000 * 1_000_000
    local = next(part for part in evening.parts if part.units == 12 * 600 and part.amount_micro == 12 * 25_000_000)
    assert found.zones[local.zone_id]["en"] == "Fixed lines"
    assert len(found.zones) == 2


@pytest.mark.usefixtures("demo")
def test_internet_by_fee_alone_does_not_count_volume():
    found = told(kind="INTERNET", volume_bytes=10**11)

    assert found.cheapest.offer.code == "NET-100"
    assert found.cheapest.monthly_micro == 5_900_000_000


@pytest.mark.usefixtures("demo")
def test_internet_by_the_hour_is_no_answer_to_bytes():
    found = told(kind="INTERNET", volume_bytes=10**11)

    refused = {cost.offer.code for cost in found.costs if cost.refusal is not None}
    assert refused == {"NET-HOURS"}


@pytest.mark.usefixtures("demo")
def test_minutes_to_nowhere_are_refused():
    with pytest.raises(DestinationUnknown):
        told(abroad_seconds=60, abroad="0")


@pytest.fixture
def used(demo, centre) -> Subscription:
    """A line that made one long call in each of the last three months, and one this month that is not whole yet."""
    cycle = make_cycle(open_from=date(2025, 12, 1))
    account = make_account(centre=centre, cycle=cycle, opened_on=date(2025, 11, 1))
    plan = Plan.objects.get(code="CITY-MINUTE")
    line = make_line(account=account, plan=plan, number=NUMBER, active_from=date(2025, 11, 1))
    days = ("2025-12-10", "2026-01-14", "2026-02-11", "2026-03-04", "2025-11-30")
    load_lines(make_source(), *(f"{NUMBER},99910555555,{day} 12:00:00,18000" for day in days))
    rate_all()
    return line


def test_existing_line_is_priced_for_its_last_three_whole_months(used):
    """300 minutes a month: the plan with 3000 is dearer than the social one, which includes 60 at 4 a minute."""
    found = advise_for_line(subscription_id=used.pk, on=TODAY)

    by_code = {cost.offer.code: cost.total_micro for cost in found.costs}
    assert found.usage_count == 3
    assert by_code["SOCIAL"] == 3 * (300 + 240 * 4) * 1_000_000
    assert by_code["CITY-200"] == 3 * (1200 + 100 * 4) * 1_000_000
    rated = sum(RatedUsage.objects.filter(start_at__lt="2026-03-01T00:00+04:00").values_list("amount_micro", flat=True))
    month_before = RatedUsage.objects.order_by("start_at").first()
    assert month_before is not None
    assert found.current is not None
    assert found.current.total_micro == 3 * 900 * 1_000_000 + rated - month_before.amount_micro
    assert cheapest_of(used).offer.code == "SOCIAL"


def cheapest_of(line):
    found = advise_for_line(subscription_id=line.pk, on=TODAY).cheapest
    assert found is not None
    return found


def test_extras_of_the_line_are_in_every_plans_cost(used, specialist):
    before = cheapest_of(used).total_micro
    feature = Feature.objects.get(code="CALLER-ID")
    add_feature(subscription_id=used.pk, feature_id=feature.pk, from_on=TODAY, actor=specialist)

    assert cheapest_of(used).total_micro == before + 3 * 200 * 1_000_000


def test_line_with_more_records_than_are_priced_at_once_is_refused(used, monkeypatch):
    monkeypatch.setattr("rating.queries.plan_advice.MAX_USAGE", 2)

    with pytest.raises(UseTooLarge) as refused:
        advise_for_line(subscription_id=used.pk, on=TODAY)

    assert refused.value.context == {"limit": 2}
    assert plan_advice.MAX_USAGE > 2
