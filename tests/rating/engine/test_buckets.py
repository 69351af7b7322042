"""Pots as a night reads them."""

from datetime import date

import polars as pl
import pytest
from django.db import connection

from rating.engine.buckets import Buckets
from rating.engine.days import day_number
from rating.models import AllowanceBucket

MARCH, FEBRUARY = date(2026, 3, 1), date(2026, 2, 1)


@pytest.mark.django_db
def test_pots_are_read_without_a_lock_on_each():
    """A preview that reads them makes no night wait, and a night does not change each row twice."""
    for kind, holder, used in (("S", 1, 60), ("A", 2, 70), ("S", 3, 80)):
        AllowanceBucket.objects.create(
            holder_kind=kind, holder_id=holder, allowance_id=7, period_start=MARCH, used_units=used
        )
    days = {"period_start": day_number(MARCH), "previous_start": day_number(FEBRUARY)}
    calls = pl.DataFrame([{"subscription_id": 1, "account_id": 2, **days}])

    assert sorted(Buckets.read(calls).known["used"]) == [60, 70]

    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT xmax::text FROM rating_allowancebucket")
        assert cursor.fetchall() == [("0",)]
