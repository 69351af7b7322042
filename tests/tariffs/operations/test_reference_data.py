"""Zones, bill items, taxes, windows, holidays, features, discounts."""

from datetime import date
from decimal import Decimal

import pytest

from billing_site.audit.models import AuditEntry
from billing_site.core.periods import DatePeriod
from billing_site.db.ranges import date_period
from tariffs.models import BillItem, Discount, FeaturePrice, TaxRate, Window, WindowScheme, Zone, ZonePrefix
from tariffs.operations import zones as zone_operations
from tariffs.operations.amounts import AmountTooPrecise
from tariffs.operations.bill_items import (
    PercentUnsound,
    TaxChangeTooEarly,
    create_bill_item,
    create_tax_category,
    set_tax_rate,
)
from tariffs.operations.calendars import (
    NewWindow,
    WindowsOpenTogether,
    WindowUnsound,
    create_window_scheme,
)
from tariffs.operations.codes import CodeTaken, UnknownCode
from tariffs.operations.discounts import DiscountPositionTaken, create_discount
from tariffs.operations.features import FeaturePriceTooEarly, set_feature_price
from tariffs.operations.usage_categories import create_usage_category
from tariffs.operations.zones import (
    PrefixChangeTooEarly,
    PrefixTableTooLong,
    PrefixUnsound,
    create_zone,
    load_zone_prefixes,
)
from tests.factories.tariffs import make_bill_item, make_discount, make_feature, make_tax_category, make_zone

MAY = date(2026, 5, 1)
pytestmark = pytest.mark.django_db


def test_prefix_leads_elsewhere_from_a_day_on(specialist):
    make_zone(code="LOCAL", prefixes=["99910", "99920"])
    make_zone(code="REGION")

    changed = load_zone_prefixes(prefixes={"99910": "REGION", "99920": "LOCAL"}, valid_from=MAY, actor=specialist)

    assert changed == 1
    rows = ZonePrefix.objects.filter(prefix="99910").order_by("during")
    assert [(row.zone.code, date_period(row.during)) for row in rows] == [
        ("LOCAL", DatePeriod(date(2020, 1, 1), MAY)),
        ("REGION", DatePeriod(MAY)),
    ]
    assert AuditEntry.objects.filter(action="tariffs.load_zone_prefixes", actor=specialist).count() == 1


def test_same_prefixes_again_change_nothing(specialist):
    make_zone(code="LOCAL", prefixes=["99910"])

    assert load_zone_prefixes(prefixes={"99910": "LOCAL"}, valid_from=MAY, actor=specialist) == 0

    assert ZonePrefix.objects.count() == 1


@pytest.mark.parametrize("prefix", ["", "+999", "99 10", "٩٩٩", "1" * 16])
def test_prefix_that_no_number_begins_with_is_refused(prefix):
    make_zone()

    with pytest.raises(PrefixUnsound):
        load_zone_prefixes(prefixes={"99910": "LOCAL", prefix: "LOCAL"}, valid_from=MAY, actor=None)

    assert not ZonePrefix.objects.exists()


def test_prefix_change_on_the_same_day_is_refused():
    make_zone(code="LOCAL", prefixes=["99910"])
    make_zone(code="REGION")

    with pytest.raises(PrefixChangeTooEarly):
        load_zone_prefixes(prefixes={"99910": "REGION"}, valid_from=date(2020, 1, 1), actor=None)

    assert [row.zone.code for row in ZonePrefix.objects.all()] == ["LOCAL"]


def test_prefix_table_has_a_limit(monkeypatch):
    monkeypatch.setattr(zone_operations, "MAX_PREFIXES", 1)

    with pytest.raises(PrefixTableTooLong):
        load_zone_prefixes(prefixes={"1": "LOCAL", "2": "LOCAL"}, valid_from=MAY, actor=None)


def test_zone_of_an_unknown_category_is_refused():
    with pytest.raises(UnknownCode):
        create_zone(code="MOON", names={}, usage_category_code="SPACE", actor=None)

    assert not Zone.objects.exists()


def test_codes_are_taken_once():
    make_zone(code="LOCAL")
    with pytest.raises(CodeTaken):
        create_zone(code="LOCAL", names={}, usage_category_code="LOCAL", actor=None)
    with pytest.raises(CodeTaken):
        create_usage_category(code="LOCAL", names={}, bill_item_code=None, actor=None)
    with pytest.raises(CodeTaken):
        create_tax_category(code="STANDARD", names={}, actor=None)
    with pytest.raises(CodeTaken):
        create_bill_item(code="CALLS", kind="FIXED", names={}, tax_category_code="STANDARD", actor=None)

    assert (Zone.objects.count(), BillItem.objects.count()) == (1, 1)


def test_tax_rate_changes_from_a_day_on(specialist):
    make_tax_category(percent=Decimal(20))

    set_tax_rate(category_code="STANDARD", percent=Decimal("18.5"), valid_from=MAY, actor=specialist)

    rows = TaxRate.objects.order_by("during")
    assert [(row.percent, date_period(row.during).until) for row in rows] == [
        (Decimal(20), MAY),
        (Decimal("18.5"), None),
    ]


@pytest.mark.parametrize("percent", ["-1", "100.001", "7.1234", "NaN"])
def test_percent_that_is_none_is_refused(percent):
    make_tax_category()

    with pytest.raises(PercentUnsound):
        set_tax_rate(category_code="STANDARD", percent=Decimal(percent), valid_from=MAY, actor=None)

    assert TaxRate.objects.count() == 1


def test_tax_change_before_another_is_refused():
    make_tax_category()
    set_tax_rate(category_code="STANDARD", percent=Decimal(18), valid_from=MAY, actor=None)

    with pytest.raises(TaxChangeTooEarly):
        set_tax_rate(category_code="STANDARD", percent=Decimal(19), valid_from=date(2026, 4, 1), actor=None)

    assert TaxRate.objects.count() == 2


def window(code: str, *, weekdays: tuple[int, ...] = (1, 2), minute: int = 480) -> NewWindow:
    return NewWindow(code=code, names={"en": code}, weekdays=weekdays, opens_at_minute=minute)


def test_scheme_keeps_its_windows(specialist):
    windows = [window("PEAK"), window("QUIET", minute=1200)]

    scheme = create_window_scheme(code="WEEK", names={"en": "Week"}, windows=windows, actor=specialist)

    assert list(Window.objects.filter(scheme=scheme).order_by("id").values_list("code", "opens_at_minute")) == [
        ("PEAK", 480),
        ("QUIET", 1200),
    ]


@pytest.mark.parametrize(
    ("windows", "refusal"),
    [
        ([window("A", weekdays=(0,))], WindowUnsound),
        ([window("A", weekdays=())], WindowUnsound),
        ([window("A", minute=1440)], WindowUnsound),
        ([window("A"), window("B", weekdays=(2, 3))], WindowsOpenTogether),
    ],
)
def test_windows_that_never_or_doubly_open_are_refused(windows, refusal):
    with pytest.raises(refusal):
        create_window_scheme(code="WEEK", names={}, windows=windows, actor=None)

    assert not WindowScheme.objects.exists()


def test_feature_price_changes_from_a_day_on():
    make_feature(amount=Decimal(200))

    set_feature_price(feature_code="CALLER-ID", amount=Decimal(250), valid_from=MAY, actor=None)

    rows = FeaturePrice.objects.order_by("during")
    assert [(row.amount, date_period(row.during).until) for row in rows] == [(Decimal(200), MAY), (Decimal(250), None)]


def test_feature_price_that_cannot_be_is_refused():
    make_feature()

    with pytest.raises(FeaturePriceTooEarly):
        set_feature_price(feature_code="CALLER-ID", amount=Decimal(1), valid_from=date(2020, 1, 1), actor=None)
    with pytest.raises(AmountTooPrecise) as refused:
        set_feature_price(feature_code="CALLER-ID", amount=Decimal("0.0000001"), valid_from=MAY, actor=None)

    assert "CALLER-ID" in refused.value.message
    assert FeaturePrice.objects.count() == 1


def test_discount_is_off_certain_items(specialist):
    discount = make_discount()

    assert [item.code for item in discount.bill_items.all()] == ["CALLS"]


@pytest.mark.parametrize(
    ("percent", "position", "refusal"), [("0", 2, PercentUnsound), ("10", 1, DiscountPositionTaken)]
)
def test_discount_of_nothing_or_at_a_taken_place_is_refused(percent, position, refusal):
    make_bill_item()
    make_discount(position=1)

    with pytest.raises(refusal):
        create_discount(
            code="OTHER",
            names={},
            percent=Decimal(percent),
            bill_item_codes=["CALLS"],
            position=position,
            actor=None,
        )

    assert Discount.objects.count() == 1
