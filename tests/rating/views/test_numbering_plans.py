"""The numbering plan is a table by date; one function reads numbers by it."""

from datetime import timedelta

import pytest
from django.urls import reverse

from billing_site.audit.models import RowHistory
from billing_site.core import clock
from rating.domain.guiding import normalise_number
from rating.models import NumberingPlanVersion
from rating.queries.sources import numbering_plan

pytestmark = pytest.mark.django_db
NINE_DIGITS = {
    "country_code": "999",
    "national_lengths": "9",
    "trunk_prefix": "8",
    "international_prefixes": "00,810",
    "short_codes": "112",
    "min_international_length": "7",
}


def plan_from(day):
    return {**NINE_DIGITS, "valid_from": day.isoformat()}


def test_specialist_adds_a_plan_and_every_number_is_read_by_it(client, specialist):
    client.force_login(specialist)
    today = clock.today()
    assert normalise_number("010300000", numbering_plan()).number == "99910300000"
    client.post(reverse("admin:rating_numberingplanversion_add"), plan_from(today))
    assert normalise_number("010300000", numbering_plan()).number == "999010300000"
    assert normalise_number("0910300000", numbering_plan()).fault is not None
    assert normalise_number("8123456789", numbering_plan()).number == "999123456789"
    assert normalise_number("112", numbering_plan()).number == "0112"
    yesterday = numbering_plan(on=today - timedelta(days=1))
    assert normalise_number("010300000", yesterday).number == "99910300000"


def test_plan_in_force_is_never_changed(client, specialist):
    client.force_login(specialist)
    later = clock.today() + timedelta(days=30)
    for day in (clock.today(), later):
        client.post(reverse("admin:rating_numberingplanversion_add"), plan_from(day))
    for plan in NumberingPlanVersion.objects.all():
        url = reverse("admin:rating_numberingplanversion_change", args=[plan.pk])
        client.post(url, {**plan_from(plan.valid_from), "trunk_prefix": "7"})
    found = dict(NumberingPlanVersion.objects.values_list("valid_from", "trunk_prefix"))
    assert RowHistory.objects.filter(table_name="rating_numberingplanversion").count() == 1
    assert found == {clock.today(): "8", later: "7"}
