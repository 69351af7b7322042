"""Times and lengths in the forms that exchanges use: 3a.7 and 3a.8, and issue 3, sources by column map."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from billing_site.core.digits import NotDigits
from rating.domain.cdr_formats.durations import DurationFormat, read_seconds
from rating.domain.cdr_formats.faults import LineFault
from rating.domain.cdr_formats.times import TimeFormat, read_time
from rating.forms.sources import _columns

BERLIN = ZoneInfo("Europe/Berlin")
AT = datetime(2026, 3, 5, 18, 4, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("form", "text", "expected"),
    [
        ("ISO", "2026-03-05 19:04:10+01", AT),
        ("ISO", "2026-03-05 23:04:10 +0500", AT),
        ("ISO", "2026-03-05T18:04:10.999999999Z", AT + timedelta(microseconds=999_999)),
        ("ISO", "2026-03-05 19:04:10,5", AT + timedelta(microseconds=500_000)),
        ("ISO", "2026/03/05 19:04:10", AT),
        ("ISO", "2026.03.05T19:04", AT - timedelta(seconds=10)),
        ("COMPACT", "20260305 190410", AT),
        ("COMPACT", "20260305190410+0100", AT),
        ("COMPACT", "20260305T180410Z", AT),
        ("DAY_FIRST", "05.03.2026 19:04:10", AT),
        ("DAY_FIRST", "5/3/2026 7:04:10 PM", AT),
        ("DAY_FIRST", "05-03-2026 19:04", AT - timedelta(seconds=10)),
        ("DAY_FIRST", "05.03.2026 18:04:10Z", AT),
        ("DAY_FIRST", "05-Mar-2026 19:04:10", AT),
        ("DAY_FIRST", "5 MAR 2026 7:04:10 PM", AT),
        ("MONTH_FIRST", "Mar 5 2026 19:04:10", AT),
        ("MONTH_FIRST", "3/5/2026 7:04:10 p.m.", AT),
        ("MONTH_FIRST", "03/05/2026, 19:04:10.5", AT + timedelta(microseconds=500_000)),
        ("MONTH_FIRST", "03/05/2026 12:04 AM", datetime(2026, 3, 4, 23, 4, tzinfo=UTC)),
        ("MONTH_FIRST", "03/05/2026 12:04 PM", datetime(2026, 3, 5, 11, 4, tzinfo=UTC)),
        ("EPOCH", "1772733850.123456789", AT + timedelta(microseconds=123_456)),
        ("EPOCH_MS", "1772733850250", AT + timedelta(milliseconds=250)),
    ],
)
def test_time_in_its_form(form, text, expected):
    assert read_time(text, form=TimeFormat(form), zone=BERLIN) == expected


@pytest.mark.parametrize(
    ("form", "text", "fault"),
    [
        ("ISO", "2026-03-05 19:04:10 ", "BAD_TIME"),
        ("ISO", "2026-03-05 07:04:10 PM", "BAD_TIME"),
        ("ISO", "2026-03/05 19:04:10", "BAD_TIME"),
        ("ISO", "2026-03-05 19:04.5", "BAD_TIME"),
        ("DAY_FIRST", "Mar-05-2026 19:04:10", "BAD_TIME"),
        ("DAY_FIRST", "05-Mrz-2026 19:04:10", "BAD_TIME"),
        ("MONTH_FIRST", "5-Mar-2026 19:04:10", "BAD_TIME"),
        ("COMPACT", "20260230190410", "BAD_TIME"),
        ("DAY_FIRST", "03/15/2026 10:00:00", "BAD_TIME"),
        ("DAY_FIRST", "05.03/2026 10:00:00", "BAD_TIME"),
        ("DAY_FIRST", "05.03.26 10:00:00", "BAD_TIME"),
        ("MONTH_FIRST", "3/5/2026 13:00 PM", "BAD_TIME"),
        ("MONTH_FIRST", "3/5/2026 0:30 AM", "BAD_TIME"),
        ("MONTH_FIRST", "25/10/2026 02:30:00", "BAD_TIME"),
        ("MONTH_FIRST", "10/25/2026 2:30 AM", "AMBIGUOUS_TIME"),
        ("DAY_FIRST", "29.03.2026 02:30", "NONEXISTENT_TIME"),
        ("DAY_FIRST", "٠٥.03.2026 02:30", "BAD_TIME"),
        ("EPOCH_MS", "17727338.50250", "BAD_TIME"),
        ("EPOCH_MS", "17727338502500", "BAD_TIME"),
        ("EPOCH", "1772733850250", "BAD_TIME"),
    ],
)
def test_time_that_is_none_in_its_form_is_no_guess(form, text, fault):
    """Milliseconds are never read as seconds, nor a day as a month."""
    assert read_time(text, form=TimeFormat(form), zone=BERLIN) is LineFault(fault)


@pytest.mark.parametrize(
    ("form", "text", "seconds"),
    [
        ("SECONDS", "90", 90),
        ("DECIMAL", "90", 90),
        ("DECIMAL", "89,001", 90),
        ("DECIMAL", "90.000", 90),
        ("MILLISECONDS", "89001", 90),
        ("MILLISECONDS", "0", 0),
        ("CLOCK", "0:01:30", 90),
        ("CLOCK", "01:30", 90),
        ("CLOCK", "100:00:00.1", 360_001),
        ("UNITS", "1m30s", 90),
        ("UNITS", "90s", 90),
        ("UNITS", "1h0m0.25s", 3601),
        ("UNITS", "2h", 7200),
    ],
)
def test_length_in_its_form(form, text, seconds):
    """Of a part of a second a started one counts."""
    assert read_seconds(text, form=DurationFormat(form)) == seconds


@pytest.mark.parametrize(
    ("form", "text"),
    [
        *(("SECONDS", text) for text in ("90.5", "0:01:30", "1_0", "+5", "٩", "", "1000000")),
        *(
            (form, text)
            for form in list(DurationFormat)[1:]
            for text in ("", "-1", "+5", "NaN", "1e3", "٩", "1_0", " ")
        ),
        ("CLOCK", "90"),
        ("CLOCK", "1:75"),
        ("CLOCK", "1:60:00"),
        ("CLOCK", "999:00:00"),
        ("UNITS", "90"),
        ("UNITS", "30s1m"),
        ("MILLISECONDS", "90.5"),
    ],
)
def test_length_that_is_none_in_its_form(form, text):
    with pytest.raises(NotDigits):
        read_seconds(text, form=DurationFormat(form))


@given(st.integers(min_value=0, max_value=999_999))
def test_every_length_comes_back_from_every_form(seconds):
    clock = f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    units = f"{seconds // 3600}h{seconds // 60 % 60}m{seconds % 60}s"

    written = {"SECONDS": str(seconds), "DECIMAL": f"{seconds},0", "MILLISECONDS": f"{seconds}000"}
    for form, text in {**written, "CLOCK": clock, "UNITS": units}.items():
        assert read_seconds(text, form=DurationFormat(form)) == seconds


@pytest.mark.parametrize(
    ("name", "text", "column"),
    [
        ("started_at", "2+3", [2, 3]),
        ("started_at", "Date+Time", ["Date", "Time"]),
        ("started_at", "2", 2),
        ("calling", "a+b", "a+b"),
    ],
)
def test_time_in_two_columns_is_declared_with_a_plus(name, text, column):
    assert _columns(name, text) == column
