"""One line to one call or one fault. The rows of bad input each have their fault."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from rating.domain.cdr_formats.column_maps import ColumnMapRefused, read_column_map
from rating.domain.cdr_formats.csv_lines import CallLine, LineReader, TimeLimits, read_header
from rating.domain.cdr_formats.exchanges import asterisk_master_map
from rating.domain.cdr_formats.faults import FaultyLine, LineFault, shown_value
from rating.domain.cdr_formats.lines import RawLine, split_lines

SAMPLES = Path(__file__).parents[5] / "shared" / "samples" / "cdr"
LIMITS = TimeLimits(earliest_at=datetime(2005, 1, 1, tzinfo=UTC), latest_at=datetime(2026, 12, 1, tzinfo=UTC))
PLAIN: dict[str, Any] = {
    "columns": {"calling": 0, "called": 1, "started_at": 2, "duration_seconds": 3},
    "field_count": 4,
    "zone": "Europe/Berlin",
}


def read(text, **more):
    raw = text if isinstance(text, bytes) else text.encode()
    return LineReader(column_map=read_column_map({**PLAIN, **more}), limits=LIMITS).read(RawLine(7, raw))


def test_good_line_becomes_a_call():
    assert read("010123456, 99123456 ,2026-03-05 19:04:10,192") == CallLine(
        line_no=7,
        calling="010123456",
        called="99123456",
        started_at=datetime(2026, 3, 5, 18, 4, 10, tzinfo=UTC),
        ended_at=datetime(2026, 3, 5, 18, 7, 22, tzinfo=UTC),
        duration_seconds=192,
        is_answered=True,
    )


@pytest.mark.parametrize(
    ("text", "fault", "field"),
    [
        ("", "EMPTY_LINE", "line"),
        (b"1,2,\x00,4", "NUL_BYTE", "line"),
        ("1,2,2026-03-05 19:04:10,5".encode("utf-16"), "NUL_BYTE", "line"),
        (b"1,2,\xff\xfe,4", "NOT_DECODABLE", "line"),
        ("1,2,2026-03-05 19:04:10", "FIELD_COUNT", "fields"),
        ("1,2,2026-03-05 19:04:10,5,6", "FIELD_COUNT", "fields"),
        ('1,"2,2026-03-05 19:04:10,5', "BAD_QUOTES", "line"),
        ('1,"2"x,2026-03-05 19:04:10,5', "BAD_QUOTES", "line"),
        ("1,2,2026-02-30 19:04:10,5", "BAD_TIME", "started_at"),
        ("1,2,2026-03-05 24:00:00,5", "BAD_TIME", "started_at"),
        ("1,2,2026-03-05 19:04:60,5", "BAD_TIME", "started_at"),
        ("1,2,05.03.2026 19:04:10,5", "BAD_TIME", "started_at"),
        ("1,2,٢٠٢٦-03-05 19:04:10,5", "BAD_TIME", "started_at"),
        ("1,2,2026-03-05 19:04:10+99:00,5", "BAD_TIME", "started_at"),
        ("1,2,0001-01-01 00:00:00,5", "BAD_TIME", "started_at"),
        ("1,2,0001-01-01 00:00:00+01:00,5", "BAD_TIME", "started_at"),
        ("1,2,,5", "BAD_TIME", "started_at"),
        ("1,2,2026-10-25 02:30:00,5", "AMBIGUOUS_TIME", "started_at"),
        ("1,2,2026-03-29 02:30:00,5", "NONEXISTENT_TIME", "started_at"),
        ("1,2,2027-01-01 00:00:00,5", "IN_FUTURE", "started_at"),
        ("1,2,2004-12-31 00:00:00,5", "TOO_OLD", "started_at"),
        *(
            (f"1,2,2026-03-05 19:04:10,{wrong}", "BAD_SECONDS", "duration_seconds")
            for wrong in ("-5", "", "1e9", "5.5", "NaN", "٥", "1_000", "+5", "0x10", "1234567")
        ),
        ("1,2,2026-03-05 19:04:10,86401", "TOO_LONG", "duration_seconds"),
    ],
)
def test_bad_line_has_its_fault(text, fault, field):
    found = read(text)

    assert isinstance(found, FaultyLine)
    assert (found.line_no, found.fault, found.field) == (7, fault, field)


def test_time_with_its_offset_is_clear_in_the_doubled_hour():
    first = read("1,2,2026-10-25 02:30:00+02:00,5")
    second = read("1,2,2026-10-25T02:30:00+01:00,5")

    assert second.started_at - first.started_at == timedelta(hours=1)
    assert read("1,2,2026-10-25T00:30:00Z,5").started_at == first.started_at


@pytest.mark.parametrize(
    ("form", "text"), [("COMPACT", "20260305-190410"), ("COMPACT", "20260305190410"), ("EPOCH", "1772733850")]
)
def test_other_forms_of_time(form, text):
    assert read(f"1,2,{text},5", time_format=form).started_at == datetime(2026, 3, 5, 18, 4, 10, tzinfo=UTC)


def test_epoch_seconds_that_are_none_are_refused():
    assert read("1,2,-5,5", time_format="EPOCH").fault is LineFault.BAD_TIME


def test_values_that_mean_answered_are_declared():
    declared = {"columns": {**PLAIN["columns"], "disposition": 4}, "field_count": 5, "answered_values": ["16"]}

    assert read("1,2,2026-03-05 19:04:10,5,16", **declared).is_answered


def test_fraction_of_a_second_is_kept():
    assert read("1,2,2026-03-05 19:04:10.5,5").started_at.microsecond == 500_000


def test_fault_names_line_field_value_expectation_and_remedy():
    found = read("1,2,2026-03-05 19:04:10," + "9" * 100)

    assert str(found.message()) == (
        f"Line 7, duration_seconds: found “{'9' * 39}…”, expected 1 to 6 digits 0-9. "
        "Where the column map of the source is wrong, correct it and take the line up again."
        " Else ask the exchange for the right line in another file, and write this one off."
    )


def test_shown_value_escapes_what_a_page_should_not_hold():
    assert shown_value("a\x00\x1b\u202e") == "a\\x00\\x1b\\u202e"
    assert shown_value(b"\xff\x00") == "ff00"


def test_cut_line_is_too_long():
    found = LineReader(column_map=read_column_map(PLAIN), limits=LIMITS).read(RawLine(1, b"xxx", is_cut=True))

    assert isinstance(found, FaultyLine)
    assert found.fault is LineFault.LINE_TOO_LONG


@given(raw=st.binary(max_size=60))
def test_read_never_breaks(raw):
    assert isinstance(read(raw.replace(b"\n", b"").replace(b"\r", b"")), (CallLine, FaultyLine))


DISPOSED = {
    "columns": {**PLAIN["columns"], "answered_at": 4, "ended_at": 5, "total_seconds": 6, "disposition": 7},
    "field_count": None,
}


@pytest.mark.parametrize(
    ("tail", "expected"),
    [
        ("5,2026-03-05 19:04:20,2026-03-05 19:04:25,15,ANSWERED", (True, 20)),
        ("0,,2026-03-05 19:04:25,15,NO ANSWER", (False, 10)),
        ("0,,,,BUSY", (False, 10)),
        ("5,2026-03-05 19:04:20,2026-03-05 19:04:25,4,ANSWERED", "LONGER_THAN_CALL"),
        ("5,2026-03-05 19:04:20,,15,FAILED", "UNANSWERED_WITH_SECONDS"),
        ("5,2026-03-05 19:04:20,2026-03-05 19:04:19,15,ANSWERED", "BAD_TIME"),
        ("5,2026-03-05 19:04:20,soon,15,ANSWERED", "BAD_TIME"),
    ],
)
def test_disposition_and_further_times(tail, expected):
    found = read(f"1,2,2026-03-05 19:04:10,{tail}", **DISPOSED)

    seen = found.fault if isinstance(found, FaultyLine) else (found.is_answered, found.started_at.second)
    assert seen == expected


def test_ambiguous_end_is_counted_from_the_start():
    found = read("1,2,2026-10-25 01:59:50,60,,2026-10-25 02:00:50,60,ANSWERED", **DISPOSED)

    assert found.ended_at - found.started_at == timedelta(seconds=60)


def test_header_gives_positions():
    column_map = read_column_map(
        {
            "columns": {"calling": "from", "called": "to", "started_at": "at", "duration_seconds": "s"},
            "has_header": True,
        }
    )
    header = read_header(RawLine(1, b"at, to,from,s"), column_map=column_map)

    found = LineReader(column_map=column_map, limits=LIMITS, header=header).read(
        RawLine(2, b"2026-03-05 19:04:10,2,1,5")
    )

    assert isinstance(found, CallLine)
    assert (found.calling, found.called, found.duration_seconds) == ("1", "2", 5)


@pytest.mark.parametrize("line", [b"at,to,from", b"at,to,from,s,s", b"", b"\xff"])
def test_header_without_the_declared_columns_is_refused(line):
    column_map = read_column_map(
        {
            "columns": {"calling": "from", "called": "to", "started_at": "at", "duration_seconds": "s"},
            "has_header": True,
        }
    )

    with pytest.raises(ColumnMapRefused):
        LineReader(column_map=column_map, limits=LIMITS, header=read_header(RawLine(1, line), column_map=column_map))


@pytest.mark.parametrize(
    "wrong",
    [
        {"columns": {"calling": 0}},
        {"columns": {**PLAIN["columns"], "colour": 9}},
        {"columns": {**PLAIN["columns"], "calling": "from"}},
        {"columns": {**PLAIN["columns"], "calling": -1}},
        {"delimiter": "::"},
        {"quote": "“"},
        {"encoding": "utf-16"},
        {"zone": "Mars/Olympus"},
        {"time_format": "WHENEVER"},
        {"unknown": 1},
        {"columns": 5},
    ],
)
def test_column_map_that_cannot_read_is_refused(wrong):
    with pytest.raises(ColumnMapRefused):
        read_column_map({**PLAIN, **wrong})


def outcomes(name, column_map, *, has_header=False):
    lines = list(split_lines([(SAMPLES / name).read_bytes()]))
    header = read_header(lines.pop(0), column_map=column_map) if has_header else None
    reader = LineReader(column_map=column_map, limits=LIMITS, header=header)
    return [found.fault if isinstance(found, FaultyLine) else found for found in map(reader.read, lines)]


@pytest.mark.skipif(not SAMPLES.exists(), reason="the samples are not beside the project")
def test_asterisk_sample_has_every_line_accounted_for():
    found = outcomes("asterisk-good.csv", asterisk_master_map(zone=ZoneInfo("Asia/Yerevan")))

    assert len(found) == 5
    assert found[1] is LineFault.LONGER_THAN_CALL
    assert [call.is_answered for call in found if isinstance(call, CallLine)] == [True, False, False, False]


@pytest.mark.skipif(not SAMPLES.exists(), reason="the samples are not beside the project")
def test_sample_without_header_with_epoch_seconds():
    columns = {"calling": 0, "called": 2, "total_seconds": 3, "duration_seconds": 4, "call_ref": 6, "started_at": 7}
    found = outcomes(
        "cdrstats-import-100.txt", read_column_map({"columns": columns, "time_format": "EPOCH", "field_count": 8})
    )

    assert len(found) == 100
    assert [(n, fault) for n, fault in enumerate(found, 1) if not isinstance(fault, CallLine)] == [(37, "BAD_SECONDS")]
