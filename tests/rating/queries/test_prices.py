"""001-24: the price of a use is found by plan, category, relation and day, as rating finds it."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from billing_site.core.quantities import Unit
from rating.domain.services import Service
from rating.queries.prices import PriceNotFound, look_up_price
from subscribers.operations.relations import add_favourite_number, create_user_group, join_user_group
from tariffs.domain.relations import Relation
from tariffs.operations.draft_inputs import NewRate, NewStep
from tariffs.operations.plans import VersionDraft, draft_plan_version
from tariffs.operations.zone_points import load_zone_points
from tariffs.operations.zones import create_zone, load_zone_prefixes
from tests.factories.subscribers import START
from tests.factories.tariffs import LONG_AGO, make_scheme, make_zone, publish

MARCH = date(2026, 3, 1)
CALLED = "99910555555"
pytestmark = pytest.mark.django_db


def at(day, hour=12):
    return datetime(2026, 3, day, hour, tzinfo=UTC)


def rate(code, price, zone="LOCAL", **more):
    return NewRate(
        code=code, zone_code=zone, steps=[NewStep(price=Decimal(price), per_units=1, increment_units=1)], **more
    )


@pytest.fixture
def caller(ani):
    """Ani's plan costs 5 a minute until March, then 1 a second and other prices for others."""
    make_zone(prefixes=["99910"])
    for code, more in (
        ("SOS", {"is_free": True}),
        ("FRIENDS", {"relation": "FAVOURITE"}),
        ("TEAM", {"relation": "GROUP"}),
    ):
        create_zone(code=code, names={"en": code}, usage_category_code="LOCAL", actor=None, **more)
    load_zone_prefixes(prefixes={"999800": "SOS"}, valid_from=LONG_AGO, actor=None)
    load_zone_points(points={("DATA", "internet"): "LOCAL", ("CONTENT", "*"): "LOCAL"}, valid_from=LONG_AGO, actor=None)
    rates = [
        rate("ALL", "1"),
        rate("STATE", "0.5", category="STATE"),
        rate("FRIENDS", "0.2", zone="FRIENDS"),
        rate("TEAM", "0.1", zone="TEAM"),
        rate("SMS", "7", unit="EVENTS"),
        rate("NET", "0.001", unit="BYTES"),
    ]
    draft = VersionDraft(
        valid_from=MARCH, window_scheme_code=make_scheme().code, currency="AMD", rates=rates, favourite_count=1
    )
    plan_id = ani.line.plans.get().plan_id
    version = draft_plan_version(plan_id=plan_id, draft=draft, actor=None)
    publish(version)
    return ani


def amount(caller, *, called=CALLED, when=None, seconds=60, **more):
    found = look_up_price(calling=caller.number, called=called, at=when or at(5), duration_seconds=seconds, **more)
    return Decimal(found.charge.amount_micro) / 1_000_000


def test_price_is_that_of_the_day(caller):
    """000-11: on both sides of midnight, and for a day that is long past."""
    assert amount(caller, when=datetime(2026, 2, 28, 19, 59, 59, tzinfo=UTC)) == 5
    assert amount(caller, when=datetime(2026, 2, 28, 20, 0, tzinfo=UTC)) == 60


def test_price_is_that_of_the_customer_category(caller):
    assert amount(caller, category="STATE") == 30
    caller.account.category = "STATE"
    caller.account.save(update_fields=["category"])
    assert amount(caller) == 30
    assert amount(caller, category="HOME") == 60


def test_favourite_and_group_have_their_prices_from_their_day(caller, najla):
    add_favourite_number(subscription_id=caller.line.pk, number=CALLED, from_on=MARCH, actor=None)
    group = create_user_group(code="TEAM", names={"en": "Team"}, actor=None)
    for line in (caller.line, najla.line):
        join_user_group(subscription_id=line.pk, group_id=group.pk, from_on=MARCH, actor=None)
    load_zone_prefixes(prefixes={"99990": "LOCAL"}, valid_from=LONG_AGO, actor=None)

    assert [amount(caller), amount(caller, called=najla.number)] == [12, 6]
    assert amount(caller, when=datetime(2026, 2, 20, tzinfo=UTC)) == 5
    found = look_up_price(calling=caller.number, called=CALLED, at=at(5), duration_seconds=1)
    assert (found.relation, found.zone_code) == (Relation.FAVOURITE, "FRIENDS")
    assert str(found.sentences[0]) == "The called number is one of the caller's favourite numbers."


def test_free_number_is_free_in_every_plan(caller):
    for day in (datetime(2026, 2, 1, tzinfo=UTC), at(5)):
        assert amount(caller, called="99980012345", when=day) == 0


def test_other_services_have_their_units(caller):
    data = {"called": "Internet", "service": Service.DATA, "quantities": {Unit.BYTES: 5000}}

    assert amount(caller, service=Service.MESSAGE) == 7
    assert amount(caller, service=Service.MESSAGE, quantities={Unit.EVENTS: 3}) == 21
    assert amount(caller, **data) == 5
    # Without a rate for money a content is an event.
    assert amount(caller, called="QUIZ", service=Service.CONTENT, quantities={Unit.MONEY: 9_000_000}) == 7
    with pytest.raises(PriceNotFound, match="No zone begins like wap"):
        amount(caller, called="wap", service=Service.DATA)


def test_nobody_and_no_plan_have_no_price(caller):
    with pytest.raises(PriceNotFound, match="Nobody held"):
        look_up_price(calling="99910999999", called=CALLED, at=at(5), duration_seconds=1)
    with pytest.raises(PriceNotFound, match="There is no plan"):
        amount(caller, plan_code="NONE")
    before = datetime(START.year - 1, 1, 1, tzinfo=UTC)
    with pytest.raises(PriceNotFound, match="Nobody held"):
        amount(caller, when=before)
