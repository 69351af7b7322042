"""Free zones, zones of relations, named points, ceilings with their documents."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import IntegrityError, transaction

from billing_site.audit.models import AuditEntry
from billing_site.core.periods import DatePeriod
from billing_site.db.ranges import date_period, days_from
from tariffs.models import PriceCeiling, Zone, ZonePoint
from tariffs.operations.amounts import AmountTooPrecise
from tariffs.operations.ceilings import (
    CeilingPeriodEmpty,
    CeilingUnsound,
    NewCeiling,
    end_price_ceiling,
    set_price_ceiling,
)
from tariffs.operations.codes import CodeTaken, UnknownCode
from tariffs.operations.zone_points import (
    PointChangeTooEarly,
    PointEndedEarlier,
    PointPeriodEmpty,
    PointUnsound,
    end_zone_point,
    load_zone_points,
)
from tariffs.operations.zones import RelationTaken, RelationUnsound, create_zone
from tariffs.queries.ceilings import broken_ceilings, ceilings_of
from tests.factories.tariffs import LONG_AGO, make_draft, make_plan, make_zone

MAY = date(2026, 5, 1)
pytestmark = pytest.mark.django_db


def zone_of(code, **more):
    make_zone()
    return create_zone(code=code, names={"en": code}, usage_category_code="LOCAL", actor=None, **more)


def test_relation_has_one_zone_and_no_free_one():
    zone_of("FRIENDS", relation="FAVOURITE")

    with pytest.raises(RelationTaken, match="zone FRIENDS already"):
        zone_of("MATES", relation="FAVOURITE")
    with pytest.raises(RelationUnsound):
        zone_of("ALL", relation="GROUP", is_free=True)
    with pytest.raises(RelationUnsound):
        zone_of("KIN", relation="COUSIN")
    assert list(Zone.objects.exclude(relation="").values_list("code", flat=True)) == ["FRIENDS"]
    with pytest.raises(IntegrityError), transaction.atomic():
        Zone.objects.filter(code="LOCAL").update(relation="FAVOURITE")


def load(points, valid_from=MAY, actor=None):
    return load_zone_points(points=points, valid_from=valid_from, actor=actor)


def test_point_leads_elsewhere_from_a_day_on(specialist):
    make_zone()
    make_zone(code="WEB")
    load({("DATA", "Internet"): "LOCAL", ("DATA", "*"): "LOCAL"}, valid_from=LONG_AGO)

    assert load({("DATA", " INTERNET "): "WEB", ("DATA", "*"): "LOCAL"}, actor=specialist) == 1
    rows = ZonePoint.objects.filter(name="internet").order_by("during")
    assert [(row.zone.code, date_period(row.during)) for row in rows] == [
        ("LOCAL", DatePeriod(LONG_AGO, MAY)),
        ("WEB", DatePeriod(MAY)),
    ]
    assert AuditEntry.objects.filter(action="tariffs.load_zone_points", actor=specialist).count() == 1


@pytest.mark.parametrize(
    ("points", "refusal"),
    [
        ({("VOICE", "x"): "LOCAL"}, PointUnsound),
        ({("DATA", " "): "LOCAL"}, PointUnsound),
        ({("DATA", "x" * 101): "LOCAL"}, PointUnsound),
        ({("DATA", "x"): "NOWHERE"}, UnknownCode),
        ({("DATA", "later"): "LOCAL", ("DATA", "x"): "LOCAL"}, PointChangeTooEarly),
    ],
)
def test_point_that_cannot_be_is_refused(points, refusal):
    make_zone(code="WEB")
    make_zone()
    load({("DATA", "later"): "WEB"}, valid_from=date(2026, 6, 1))

    with pytest.raises(refusal):
        load(points)
    assert list(ZonePoint.objects.values_list("name", flat=True)) == ["later"]


def test_database_holds_one_zone_for_a_point():
    zone = make_zone()
    load({("DATA", "x"): "LOCAL"})

    with pytest.raises(IntegrityError), transaction.atomic():
        ZonePoint.objects.create(zone=zone, service="DATA", name="x", during=days_from(LONG_AGO))


def new_ceiling(**more):
    values = {
        "code": "ORDER-17",
        "names": {"en": "Local calls"},
        "document": "Order 17 of the regulator",
        "maximum_price": Decimal(5),
        "currency": "AMD",
        "valid_from": LONG_AGO,
        "zone_code": "LOCAL",
    }
    return NewCeiling(**{**values, **more})


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"document": " "}, CeilingUnsound),
        ({"zone_code": None}, CeilingUnsound),
        ({"usage_category_code": "LOCAL"}, CeilingUnsound),
        ({"units": 0}, CeilingUnsound),
        ({"unit": "MILES"}, CeilingUnsound),
        ({"valid_until": LONG_AGO}, CeilingPeriodEmpty),
        ({"maximum_price": Decimal("0.0000001")}, AmountTooPrecise),
        ({"zone_code": "NOWHERE"}, UnknownCode),
    ],
)
def test_ceiling_that_limits_nothing_is_refused(changes, refusal):
    make_zone()

    with pytest.raises(refusal):
        set_price_ceiling(ceiling=new_ceiling(**changes), actor=None)
    assert not PriceCeiling.objects.exists()


@pytest.mark.parametrize("place", [{}, {"zone_code": None, "usage_category_code": "LOCAL"}])
def test_draft_above_a_ceiling_is_known_with_the_document(place, specialist):
    """001-35: the rule and its document are named; a plan at the ceiling is not above it."""
    plan = make_plan()
    set_price_ceiling(ceiling=new_ceiling(**place), actor=specialist)
    dear = make_draft(plan=plan, valid_from=MAY, price=Decimal("5.01"))
    fair = make_draft(plan=plan, valid_from=MAY, price=Decimal(5))

    (broken,) = broken_ceilings(version_id=dear.pk)
    assert (broken.ceiling.code, broken.ceiling.document) == ("ORDER-17", "Order 17 of the regulator")
    assert (broken.found_micro, broken.since) == (Fraction(5_010_000), DatePeriod(MAY))
    assert broken_ceilings(version_id=fair.pk) == ()


def test_ended_ceiling_counts_no_more(specialist):
    plan = make_plan()
    set_price_ceiling(ceiling=new_ceiling(), actor=specialist)
    with pytest.raises(CodeTaken):
        set_price_ceiling(ceiling=new_ceiling(), actor=specialist)
    with pytest.raises(CeilingPeriodEmpty):
        end_price_ceiling(code="ORDER-17", until=LONG_AGO, actor=specialist)

    end_price_ceiling(code="ORDER-17", until=MAY, actor=specialist)
    assert broken_ceilings(version_id=make_draft(plan=plan, valid_from=MAY, price=Decimal(9)).pk) == ()
    assert ceilings_of(period=DatePeriod(LONG_AGO), currency="USD") == ()


def test_point_ends_once_and_not_before_it_began():
    zone = make_zone(code="WEB")
    load_zone_points(points={("DATA", "internet"): zone.code}, valid_from=date(2026, 1, 1), actor=None)
    point = ZonePoint.objects.get()
    with pytest.raises(PointPeriodEmpty):
        end_zone_point(point_id=point.pk, until=date(2026, 1, 1), actor=None)
    assert ZonePoint.objects.get().during.upper is None

    end_zone_point(point_id=point.pk, until=date(2026, 3, 1), actor=None)

    with pytest.raises(PointEndedEarlier):
        end_zone_point(point_id=point.pk, until=date(2026, 4, 1), actor=None)
    assert ZonePoint.objects.get().during.upper == date(2026, 3, 1)
    assert AuditEntry.objects.filter(action="tariffs.end_zone_point").count() == 1
