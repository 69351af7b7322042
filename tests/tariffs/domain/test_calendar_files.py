"""Announced calendars, read from CSV and JSON."""

import contextlib
import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from tariffs.domain.calendar_files import MAX_BYTES, MAX_DAYS, CalendarFileRefused, read_calendar_file
from tariffs.domain.calendars import CalendarDay

SAMPLE = Path(__file__).parents[4] / "shared" / "samples" / "calendar" / "cn-2025.json"


def read(text: str) -> list[tuple[date, int, str]]:
    return [(day.day, day.counts_as, day.names.get("en", "")) for day in read_calendar_file(text.encode())]


@pytest.mark.parametrize(
    "text",
    [
        "day,counts_as,name\n2026-03-09,off,Spring day\n2026-03-07,work,\n",
        "\ufeffDay;Counts_as;Name\r\n٢٠٢٦-٠٣-٠٩;7;Spring day\r\n2026-03-07;1;\r\n",
        '[{"date": "2026-03-09", "name": "Spring day", "isOffDay": true}, {"date": "2026-03-07", "isOffDay": false}]',
        '{"days": [{"date": "2026-03-09", "name": "Spring day", "counts_as":7}, {"day": "2026-03-07", "counts_as":1}]}',
    ],
)
def test_days_off_and_days_worked_instead_are_read(text):
    assert read(text) == [(date(2026, 3, 7), 1, ""), (date(2026, 3, 9), 7, "Spring day")]


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "must name the columns"),
        (b"day,counts_as\n", "has no day"),
        (b"date;off\n2026-03-09;x\n", "must name the columns"),
        (b"day,counts_as\n2026-03-09,off\n2026-02-30,off\n", "Row 2: “2026-02-30”"),
        (b"day,counts_as\n2026-03-09,8\n", "no weekday"),
        (b"day,counts_as\n2026-03-09,\n", "no weekday"),
        (b"day,counts_as\n2026-03-09,off\n2026-03-09,1\n", "twice"),
        (b"{", "begins like JSON"),
        (b"[" * 100_000, "begins like JSON"),
        (b'{"year": 2025}', "no list of days"),
        (b'["2026-03-09"]', "no list of days"),
        (b"\xff\xfe", "UTF-8"),
        (b" " * (MAX_BYTES + 1), "larger"),
        (
            json.dumps([{"date": f"{2000 + n // 365}-01-01", "isOffDay": True} for n in range(MAX_DAYS)]).encode(),
            "twice",
        ),
    ],
)
def test_file_that_is_no_calendar_is_refused_by_row(content, word):
    with pytest.raises(CalendarFileRefused) as refused:
        read_calendar_file(content)

    assert word in refused.value.message


@pytest.mark.skipif(not SAMPLE.exists(), reason="the sample calendar does not lie beside the project")
def test_announced_calendar_of_china_is_read_whole():
    days = read_calendar_file(SAMPLE.read_bytes())

    assert len(days) == 33
    assert [day.day for day in days if day.counts_as == 1] == [
        date(2025, 1, 26),
        date(2025, 2, 8),
        date(2025, 4, 27),
        date(2025, 9, 28),
        date(2025, 10, 11),
    ]


@given(
    st.one_of(st.binary(max_size=300), st.text(max_size=300).map(lambda text: f"day,counts_as,name\n{text}".encode()))
)
def test_any_bytes_are_days_in_order_or_refused(content):
    days: tuple[CalendarDay, ...] = ()
    with contextlib.suppress(CalendarFileRefused):
        days = read_calendar_file(content)

    assert [day.day for day in days] == sorted({day.day for day in days})


def test_days_are_called_by_their_names_in_each_language_that_has_a_column():
    text = "day;counts_as;name;name_hy;name_zh-hans\n2026-03-08;off;Women's Day;Կանանց տոն;妇女节\n"
    (day,) = read_calendar_file(text.encode())
    assert day.names == {"en": "Women's Day", "hy": "Կանանց տոն", "zh-hans": "妇女节"}
