"""The nightly return of numbers to the stock."""

from datetime import timedelta

import pytest

from billing_site.core import clock
from subscribers.models import PhoneNumber
from subscribers.tasks import free_numbers
from tests.factories.subscribers import make_range


@pytest.mark.django_db
def test_numbers_are_free_on_the_day_their_rest_ends():
    make_range(first="99910600000", count=2)
    today = clock.today()
    rests = {"99910600000": today, "99910600001": today + timedelta(days=1)}
    for number, until in rests.items():
        PhoneNumber.objects.filter(number=number).update(state="QUARANTINE", quarantine_until=until)

    free_numbers()

    assert list(PhoneNumber.objects.filter(state="FREE").values_list("number", flat=True)) == ["99910600000"]
