"""Frames into tables: what the table puts in by itself is not sent, and nothing else is left out."""

from datetime import date

import polars as pl
import pytest
from django.db import IntegrityError, connection, transaction

from rating.engine.days import to_us
from rating.engine.writing import copy_frame
from rating.models import AllowanceBucket

pytestmark = pytest.mark.django_db


def buckets(**columns):
    plain = {"holder_kind": ["S", "S"], "holder_id": [1, 2], "allowance_id": [7, 7], "used_units": [60, 0]}
    days = {"period_start": [date(2026, 3, 1)] * 2}
    return pl.DataFrame({**plain, **days, **columns})


@pytest.mark.parametrize(
    ("carried", "last"), [([0, 0], [None, None]), ([0, 5], [None, None]), ([3, 3], [None, None]), ([0, 0], [1, None])]
)
def test_copied_rows_hold_what_the_frame_holds(carried, last):
    """A column of nothing but its default, or of nothing but nulls, is as good as sent; any other is sent."""
    frame = buckets(
        carried_units=carried, last_start_at=pl.Series(last, dtype=pl.Int64).cast(pl.Datetime("us")), moved_units=[0, 0]
    )
    assert copy_frame(frame, table="rating_allowancebucket") == 2
    rows = list(AllowanceBucket.objects.order_by("holder_id"))
    assert [row.carried_units for row in rows] == carried
    assert [row.used_units for row in rows] == [60, 0]
    assert [row.last_start_at is not None for row in rows] == [at is not None for at in last]


def test_nothing_where_the_table_wants_something_is_refused():
    """A column of nulls is no default where the table allows none."""
    frame = buckets().with_columns(used_units=pl.lit(None, dtype=pl.Int64))
    with pytest.raises(IntegrityError), transaction.atomic(), connection.wrap_database_errors:
        copy_frame(frame, table="rating_allowancebucket")
    assert not AllowanceBucket.objects.exists()


def test_many_days_and_instants_are_written_as_they_are():
    """What is spelt once for many rows is read back as what it was: seconds of one day, of two, and parts."""
    count, midnight = 1_500, 1_772_668_800_000_000
    for step in (57_000_000, 61_000_000, 1_500_000):
        instants = pl.Series([midnight + at * step for at in range(count)])
        frame = pl.DataFrame(
            {
                "holder_kind": ["S"] * count,
                "holder_id": range(count),
                "allowance_id": [step] * count,
                "used_units": [60] * count,
                "period_start": [date(2026, 3 + at % 2, 1) for at in range(count)],
                "last_start_at": instants.cast(pl.Datetime("us")),
            }
        )
        copy_frame(frame, table="rating_allowancebucket")
        rows = AllowanceBucket.objects.filter(allowance_id=step).order_by("holder_id")
        found = list(rows.values_list("period_start", "last_start_at"))
        assert [day for day, _ in found] == frame["period_start"].to_list()
        assert [at and to_us(at) for _, at in found] == instants.to_list()
