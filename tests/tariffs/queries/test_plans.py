"""What can be sold on a day."""

from datetime import date

import pytest

from tariffs.queries.plans import find_published_version, plans_for_sale, published_versions
from tests.factories.tariffs import make_plan

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 5)


def test_drafts_and_later_versions_are_not_for_sale():
    sold = make_plan()
    make_plan(is_published=False)
    later = make_plan(valid_from=date(2026, 4, 1))

    assert list(plans_for_sale(on=DAY)) == [sold]
    assert find_published_version(plan_id=later.pk, on=DAY) is None
    assert set(plans_for_sale(on=date(2026, 4, 1))) == {sold, later}


def test_plans_are_found_by_kind():
    make_plan(kind="FIXED")
    mobile = make_plan(kind="MOBILE")

    assert list(plans_for_sale(on=DAY, kind="MOBILE")) == [mobile]
    assert published_versions(on=DAY).count() == 2
