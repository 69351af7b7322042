"""Tiles of recurring periods: every active day once, none twice."""

from datetime import date, timedelta

import pytest
from hypothesis import given, strategies as st

from billing_site.core.periods import DatePeriod
from invoicing.domain.recurring_charges import due_parts

any_day = st.dates(min_value=date(2020, 1, 1), max_value=date(2030, 1, 1))


def test_in_arrears_a_period_is_due_when_it_has_passed():
    active = DatePeriod(date(2026, 1, 10))

    parts = due_parts(active=active, bill_day=1, invoice_up_to=date(2026, 3, 1), in_advance=False)

    assert [due.part for due in parts] == [
        DatePeriod(date(2026, 1, 10), date(2026, 2, 1)),
        DatePeriod(date(2026, 2, 1), date(2026, 3, 1)),
    ]
    assert parts[0].period == DatePeriod(date(2026, 1, 1), date(2026, 2, 1))


def test_in_arrears_the_last_days_are_due_with_the_end():
    active = DatePeriod(date(2026, 1, 1), date(2026, 2, 10))

    parts = due_parts(
        active=active, bill_day=1, invoice_up_to=date(2026, 2, 10), in_advance=False, charged_until=date(2026, 2, 1)
    )

    assert [due.part for due in parts] == [DatePeriod(date(2026, 2, 1), date(2026, 2, 10))]


def test_nothing_is_due_where_all_is_charged():
    active = DatePeriod(date(2026, 1, 1), date(2026, 2, 1))

    assert (
        due_parts(
            active=active, bill_day=1, invoice_up_to=date(2026, 9, 1), in_advance=True, charged_until=date(2026, 2, 1)
        )
        == ()
    )


def test_period_without_months_is_refused():
    with pytest.raises(ValueError, match="one month"):
        due_parts(
            active=DatePeriod(date(2026, 1, 1)), bill_day=1, invoice_up_to=date(2026, 2, 1), in_advance=True, months=0
        )


@given(
    start=any_day,
    length=st.none() | st.integers(min_value=1, max_value=500),
    bill_day=st.integers(min_value=1, max_value=31),
    months=st.sampled_from([1, 3, 12]),
    in_advance=st.booleans(),
    waits=st.lists(st.integers(min_value=1, max_value=90), min_size=1, max_size=8),
)
def test_bills_tile_the_active_days(*, start, length, bill_day, months, in_advance, waits):
    active = DatePeriod(start, None if length is None else start + timedelta(days=length))
    charged_until, bill_on, tiles = start, start, []

    for wait in waits:
        bill_on += timedelta(days=wait)
        for due in due_parts(
            active=active,
            bill_day=bill_day,
            invoice_up_to=bill_on,
            in_advance=in_advance,
            months=months,
            charged_until=charged_until,
        ):
            tiles.append(due.part)
            charged_until = due.part.until
            assert due.period.covers(due.part)

    assert [tile.start for tile in tiles] == [start, *(tile.until for tile in tiles)][: len(tiles)]
    once = due_parts(active=active, bill_day=bill_day, invoice_up_to=bill_on, in_advance=in_advance, months=months)
    assert sum(due.part.days for due in once) == sum(tile.days for tile in tiles)
