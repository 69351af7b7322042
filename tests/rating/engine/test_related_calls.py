"""Calls between lines that stand in a relation: the engine in bulk finds what the specification finds one by one."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from billing_site.core.quantities import Unit
from rating.models import RatedUsage
from subscribers.operations.relations import (
    add_favourite_number,
    create_user_group,
    join_user_group,
    leave_user_group,
    remove_favourite_number,
)
from subscribers.queries.relations import relations_of
from tariffs.models import Zone
from tariffs.operations.draft_inputs import NewRate, NewStep
from tariffs.operations.plans import VersionDraft, create_plan, draft_plan_version
from tariffs.operations.zones import create_zone
from tariffs.queries.price_books import get_price_book
from tests.factories.rating import load_lines, make_source, rate_all
from tests.factories.subscribers import make_line, make_range
from tests.factories.tariffs import LONG_AGO, make_plan, make_scheme, make_zone, publish

pytestmark = pytest.mark.django_db

YEREVAN = ZoneInfo("Asia/Yerevan")
NUMBERS = [f"99910{n:06d}" for n in range(700_001, 700_007)]


@pytest.fixture(autouse=True)
def files_root(settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path / "files"


@pytest.fixture
def related_plan():
    """A plan that prices favourites and its closed group apart, and local calls at five."""
    local = make_zone(prefixes=["99910"])
    for relation in ("FAVOURITE", "GROUP"):
        create_zone(
            code=relation,
            names={"en": relation.title()},
            usage_category_code=local.usage_category.code,
            relation=relation,
            actor=None,
        )
    plan = create_plan(code="RELATED", kind="FIXED", names={"en": "Related"}, actor=None)
    prices = {"LOCAL": 5, "FAVOURITE": 2, "GROUP": 1}
    draft = VersionDraft(
        valid_from=LONG_AGO,
        window_scheme_code=make_scheme().code,
        currency="AMD",
        favourite_count=2,
        rates=[
            NewRate(code=code, zone_code=code, steps=[NewStep(price=Decimal(price))]) for code, price in prices.items()
        ],
    )
    version = draft_plan_version(plan_id=plan.pk, draft=draft, actor=None)
    publish(version)
    return plan


@pytest.fixture
def lines(related_plan):
    """Three lines with related prices, the third of them in no relation; a fourth whose plan knows none."""
    make_range(first="99910700000", count=20)
    held = [make_line(plan=related_plan, number=number) for number in NUMBERS[:3]]
    held.append(make_line(plan=make_plan(code="PLAIN"), number=NUMBERS[3]))
    group = create_user_group(code="FAMILY", names={"en": "Family"}, actor=None)
    for line in (held[0], held[1], held[3]):
        join_user_group(subscription_id=line.pk, group_id=group.pk, from_on=date(2026, 3, 2), actor=None)
    add_favourite_number(subscription_id=held[0].pk, number=NUMBERS[2], from_on=date(2026, 3, 2), actor=None)
    add_favourite_number(subscription_id=held[0].pk, number=NUMBERS[1], from_on=date(2026, 3, 2), actor=None)
    leave_user_group(subscription_id=held[1].pk, until_on=date(2026, 3, 4), actor=None)
    remove_favourite_number(subscription_id=held[0].pk, number=NUMBERS[2], until_on=date(2026, 3, 4), actor=None)
    return held


def test_related_calls_in_bulk_have_the_zone_that_the_core_finds(lines):
    """A group before a favourite, both by the local day; a plan without prices for relations has none."""
    calls = [
        (caller, called, datetime(2026, 3, day, 9, tzinfo=YEREVAN) + timedelta(minutes=10 * caller + called))
        for day in (1, 2, 3, 4)
        for caller in range(4)
        for called in range(5)
        if caller != called
    ]
    rows = [f"{NUMBERS[a]},{NUMBERS[b]},{at.astimezone(YEREVAN):%Y-%m-%d %H:%M:%S},60" for a, b, at in calls]
    load_lines(make_source(day_tolerance=9), *rows)
    rate_all()

    found = {(record.calling, record.called, record.start_at): record.zone_id for record in RatedUsage.objects.all()}
    assert found == {
        (NUMBERS[a], NUMBERS[b], at.astimezone(UTC)): _zone_by_core(lines[a], NUMBERS[b], at) for a, b, at in calls
    }
    assert set(found.values()) == set(Zone.objects.values_list("pk", flat=True))


def _zone_by_core(line, called, at):
    book = get_price_book()
    day = at.astimezone(YEREVAN).date()
    prices = book.plan_on(plan_id=line.plans.get().plan_id, on=day)
    relations = relations_of(subscription_id=line.pk, called=called, at=at, on=day)
    zone_id = book.prefixes.zone_of(called, on=day)
    assert prices is not None
    assert zone_id is not None
    return book.related_zone(zone_id, relations=relations, prices=prices, units=(Unit.SECONDS,)).zone_id
