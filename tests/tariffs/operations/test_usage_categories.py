"""001-32: every usage category goes into exactly one bill item on any date."""

from datetime import date

import pytest

from billing_site.core.periods import DatePeriod
from tariffs.models import UsageCategoryItem
from tariffs.operations.codes import UnknownCode
from tariffs.operations.usage_categories import (
    CategoryItemTooEarly,
    CategoryItemUnchanged,
    create_usage_category,
    map_usage_category,
)
from tariffs.queries.price_books import DatedItem, bill_items_by_zone, dated_bill_items
from tariffs.queries.usage_categories import categories_on, unmapped_categories
from tests.factories.tariffs import make_bill_item, make_zone

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
pytestmark = pytest.mark.django_db


def move(item: str, day: date, *, category: str = "LOCAL") -> UsageCategoryItem:
    make_bill_item(code=item)
    return map_usage_category(category_code=category, bill_item_code=item, valid_from=day, actor=None)


def unmapped(start: date, until: date) -> list[str]:
    return [one.code for one in unmapped_categories(period=DatePeriod(start, until))]


def test_001_32_item_of_a_category_is_that_of_the_day():
    zone = make_zone()
    calls, other = make_bill_item(), make_bill_item(code="OTHER")
    assert dated_bill_items() == ()

    move("OTHER", MARCH)

    assert bill_items_by_zone(on=date(2026, 2, 28)) == {zone.pk: calls.pk}
    assert bill_items_by_zone(on=MARCH) == bill_items_by_zone() == {zone.pk: other.pk}
    assert dated_bill_items() == (
        DatedItem(zone.pk, date.min, MARCH, calls.pk),
        DatedItem(zone.pk, MARCH, None, other.pk),
    )


def test_001_32_category_without_an_item_on_a_day_of_the_period_is_named():
    create_usage_category(code="PREMIUM", names={"en": "Premium"}, bill_item_code=None, actor=None)
    make_zone()
    assert unmapped(MARCH, APRIL) == ["PREMIUM"]

    move("CALLS", date(2026, 3, 10), category="PREMIUM")
    assert (unmapped(MARCH, APRIL), unmapped(APRIL, date(2026, 5, 1))) == (["PREMIUM"], [])
    assert [(one.code, one.item_code) for one in categories_on(on=MARCH)] == [("PREMIUM", None), ("LOCAL", "CALLS")]
    move("OTHER", date(2026, 2, 1), category="PREMIUM")

    assert unmapped(MARCH, APRIL) == []
    assert UsageCategoryItem.objects.filter(category__code="PREMIUM").count() == 2


def test_001_32_change_that_contradicts_another_is_refused_and_nothing_is_written():
    make_zone()
    move("OTHER", MARCH)

    with pytest.raises(CategoryItemUnchanged):
        move("OTHER", APRIL)
    with pytest.raises(CategoryItemTooEarly):
        move("THIRD", date(2026, 2, 1))
    with pytest.raises(CategoryItemTooEarly):
        move("THIRD", MARCH)
    with pytest.raises(UnknownCode):
        map_usage_category(category_code="NONE", bill_item_code="OTHER", valid_from=APRIL, actor=None)

    assert UsageCategoryItem.objects.count() == 2
