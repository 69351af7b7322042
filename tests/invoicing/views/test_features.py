"""A feature more for a line: what it costs is said before, refusals write nothing."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from billing_site.core import clock
from invoicing.queries.feature_costs import feature_costs
from subscribers.models import SubscriptionFeature
from subscribers.operations.subscriptions import add_feature
from tests.factories.identity import make_staff
from tests.factories.tariffs import make_feature
from tests.web.wrapped import assert_numbers_wrapped

pytestmark = pytest.mark.django_db
MIDDLE = date(2026, 2, 15)


def url_of(line):
    return reverse("invoicing:add-feature", args=[line.pk])


@pytest.mark.parametrize(
    ("terms", "day", "part", "until"),
    [
        ({}, MIDDLE, 150, date(2026, 3, 1)),
        ({}, date(2026, 2, 1), 300, date(2026, 3, 1)),
        ({}, date(2026, 2, 28), 11, date(2026, 3, 1)),
        ({"proration": "WHOLE"}, MIDDLE, 300, date(2026, 3, 1)),
        ({"timing": "ADVANCE"}, MIDDLE, 150, date(2026, 3, 1)),
        ({"months": 12}, MIDDLE, 263, date(2027, 1, 1)),
    ],
)
def test_part_is_what_a_bill_charges(ani, terms, day, part, until):
    """300 a period: 14 of 28 days, all of them, one of them (10.71); of a year from January on 320 of 365 days."""
    make_feature(amount=Decimal(300), **terms)

    (cost,) = feature_costs(line=ani.line, on=day)

    assert (cost.part_minor, cost.until_on, cost.amount) == (part, until, Decimal(300))


@pytest.mark.parametrize("asked", ["2026-02-15", "", "9999-12-31", "yesterday"])
def test_page_says_the_price_for_the_day_that_is_asked_for(client, clerk, ani, asked):
    make_feature(amount=Decimal(300))
    client.force_login(clerk)

    page = client.get(url_of(ani.line), {"from_on": asked})

    assert page.context["day"] == (MIDDLE if asked == "2026-02-15" else clock.today())
    assert_numbers_wrapped(page.text)


def test_feature_that_is_held_is_not_offered_and_twice_is_refused(client, clerk, ani):
    feature = make_feature()
    add_feature(subscription_id=ani.line.pk, feature_id=feature.pk, from_on=MIDDLE, actor=clerk)
    client.force_login(clerk)

    page = client.post(url_of(ani.line), {"feature": feature.pk, "from_on": clock.today()})

    assert page.status_code == 422
    assert SubscriptionFeature.objects.count() == 1


@pytest.mark.parametrize("day", ["2019-01-01", "9999-12-31", "soon"])
def test_day_that_cannot_be_meant_is_refused(client, clerk, ani, day):
    feature = make_feature()
    client.force_login(clerk)

    assert client.post(url_of(ani.line), {"feature": feature.pk, "from_on": day}).status_code == 422
    assert not SubscriptionFeature.objects.exists()


@pytest.mark.parametrize(("role", "status"), [("CALL_DESK", 200), ("ACCOUNTANT", 403)])
def test_call_desk_adds_features_and_the_accountant_does_not(client, ani, role, status):
    client.force_login(make_staff(role))

    assert client.get(url_of(ani.line)).status_code == status


def test_before_the_line_is_in_service_nothing_is_offered_and_nothing_added(client, clerk, ani):
    """The page says so; it does not break over a day on which no bill would charge anything."""
    feature = make_feature()
    before = ani.line.active_from - timedelta(days=1)
    client.force_login(clerk)

    assert feature_costs(line=ani.line, on=before) == ()
    assert client.get(url_of(ani.line), {"from_on": before}).status_code == 200
    assert client.post(url_of(ani.line), {"feature": feature.pk, "from_on": before}).status_code == 422
    assert not SubscriptionFeature.objects.exists()


def test_of_a_line_that_ended_nothing_is_offered(ani):
    make_feature()
    ani.line.active_until = MIDDLE

    assert feature_costs(line=ani.line, on=MIDDLE) == ()
    assert feature_costs(line=ani.line, on=MIDDLE - timedelta(days=1)) != ()
