"""Lines in bulk and lines one by one by the core's reader give the same."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings, strategies as st

from rating.domain.cdr_formats.column_maps import ColumnMap, read_column_map
from rating.domain.cdr_formats.csv_lines import CallLine, LineReader, TimeLimits
from rating.domain.cdr_formats.lines import split_lines
from rating.domain.guiding import NumberingPlan
from rating.domain.services import SERVICE_CODES, Service
from rating.engine.days import from_us
from rating.engine.layout import LayoutScan, parts_of
from rating.engine.reading import PartReader
from rating.queries.sources import SourceForm

ARRIVED = datetime(2026, 11, 1, tzinfo=UTC)
PLAN = NumberingPlan(country_code="999", national_lengths=frozenset({8}))
COLUMNS = {
    "calling": 0,
    "called": 1,
    "started_at": 2,
    "duration_seconds": 3,
    "total_seconds": 4,
    "disposition": 5,
    "ended_at": 6,
    "call_ref": 7,
    "service": 8,
    "volume_up": 9,
    "volume_down": 10,
    "third_party_amount": 11,
    "fault": 12,
    "fault_field": 12,
    "fault_value": 12,
    "trunk_in": 7,
}
SOME_FIELDS = [
    st.sampled_from(["99910123456", " 0010 ", "anonymous", "", "é"]),
    st.sampled_from(["99910555555", "101", "x"]),
    st.sampled_from(
        [
            "2026-03-05 10:00:00",
            "2026-03-29 02:30:00",
            "2026-10-25 02:30:00",
            "2026-02-30 10:00:00",
            "2026-03-05 24:00:00",
            "2026-03-05 10:00:60",
            "2026-3-05 10:00:000",
            "2026-03-05T10:00:00Z",
            "1999-01-01 00:00:00",
            "2030-01-01 00:00:00",
        ]
    ),
    st.sampled_from(["0", "5", "61", "+5", "1_0", "٣", "999999", "1000000", "", "-1", "0x10", "1.5"]),
    st.sampled_from(["", "70", "3", "x"]),
    st.sampled_from(["ANSWERED", "NO ANSWER", ""]),
    st.sampled_from(["", "2026-03-05 10:01:01", "2026-03-05 09:00:00", "2026-10-25 02:30:00", "nonsense"]),
    st.sampled_from(["", "a-1", '"q"']),
    st.sampled_from(["v", "VOICE", "DATA", "MESSAGE", "CONTENT", "", "x"]),
    st.sampled_from(["", "0", "424242", "999999999999999", "1000000000000000", "-1", "٣"]),
    st.sampled_from(["", "7", "x"]),
    st.sampled_from(["", "1", "0.000001", "12.5", "99999999999.999999", "1.0000001", ".5", "-1", "NaN"]),
    st.sampled_from(["", "", "", "BAD_STRUCTURE", "no such fault"]),
]
good = st.just("99910123456,99910555555,2026-03-05 10:00:00,5,70,ANSWERED,2026-03-05 10:01:01,a-1,v,1,,2.5,")
broken = st.sampled_from(["", ",", '"open,1', "\x00", "1,2,3", "\x1a"])
lines = st.one_of(good, good, st.tuples(*SOME_FIELDS).map(",".join), broken)
ends = st.sampled_from(["\n", "\n", "\r\n", "\r"])


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(lines, ends), max_size=12), st.booleans(), st.integers(1, 7))
def test_read_any_lines_equal_core(drawn, is_cut, block_size):
    """Proves 000-05 and 000-06: speed changes nothing in what is read, nor in what is refused."""
    text = "".join(line + end for line, end in drawn)
    data = text.encode()[: -1 if is_cut else None]
    columns = ColumnMap(columns=COLUMNS, field_count=13, zone=ZoneInfo("Europe/Berlin"), services={"v": Service.VOICE})
    form = SourceForm(source_id=1, columns=columns, numbering=PLAN)
    calls, faults, seen = by_engine(form, data, block_size)
    assert seen == {raw.line_no: raw.raw for raw in split_lines([data])}
    assert (calls, faults) == by_core(columns, data)


def by_core(columns, data):
    limits = TimeLimits(earliest_at=datetime(2016, 11, 3, tzinfo=UTC), latest_at=ARRIVED)
    reader = LineReader(column_map=columns, limits=limits)
    calls, faults = {}, {}
    for raw in split_lines([data]):
        read = reader.read(raw)
        if isinstance(read, CallLine):
            calls[raw.line_no] = (*read[1:8], *usage_of(read))
        else:
            faults[raw.line_no] = (str(read.fault), read.field, read.value)
    return calls, faults


def usage_of(call):
    return SERVICE_CODES[call.service], call.volume_bytes, call.third_party_micro, call.trunk_in


def by_engine(form, data, block_size):
    scan = LayoutScan()
    blocks = [data[at : at + block_size] for at in range(0, len(data), block_size)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "usage.csv"
        path.write_bytes(b"".join(scan.watch(blocks)))
        reader = PartReader(form=form, path=path, arrived_at=ARRIVED)
        calls, faults, seen = {}, {}, {}
        for part in parts_of(file_id=1, layout=scan.layout.as_json(), line_count=scan.layout.line_count):
            read = reader.read(part)
            for row in read.calls.iter_rows(named=True):
                times = (from_us(row["start_us"]), from_us(row["end_us"]), row["duration"], row["answered"])
                more = (row["service"], row["volume"], row["third_party_micro"], row["trunk_in"])
                calls[row["line"]] = (row["calling"], row["called"], *times, row["call_ref"], *more)
            for row in read.faults.iter_rows(named=True):
                faults[row["line"]] = (row["reason"], row["field"], row["value"])
            for frame in (read.calls, read.faults):
                for row in frame.iter_rows(named=True):
                    seen[row["line"]] = data[row["offset"] : row["offset"] + row["length"]]
    return calls, faults, seen


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_layout_any_block_size_counts_the_same_lines(size):
    data = b"a\r\nb\rc\n\nd\r\r\ne"
    scan = LayoutScan()
    assert b"".join(scan.watch(data[at : at + size] for at in range(0, len(data), size))) == data
    assert scan.layout.line_count == len(list(split_lines([data]))) == 7
    assert not scan.layout.ends_with_newline


@pytest.mark.parametrize("first", ["x^", "x\x01", "x^a^b"])
def test_read_text_that_begins_like_a_packed_file_is_text(first):
    """3a.15, the other way round: lines are lines, whatever their first letters would mean elsewhere."""
    columns = read_column_map(
        {"columns": {"calling": 0, "called": 1, "started_at": 2, "duration_seconds": 3}, "delimiter": "^"}
    )
    data = f"{first}\n99910123456^101^2026-03-05 10:00:00^5\nx^101^2026-03-05 10:00:00^5\n".encode()
    calls, faults, _seen = by_engine(SourceForm(source_id=1, columns=columns, numbering=PLAN), data, 64)

    assert (calls, faults) == by_core(columns, data)
    assert len(calls) == 2


FORMS_OF_TIME = {
    "ISO": ["2026-03-05 10:00:00", "2026-03-05 10:00:00+04", "2026-10-25 02:30:00"],
    "COMPACT": ["20260305 100000", "20260305-100000", "20260305100000+0400"],
    "DAY_FIRST": ["05.03.2026 10:00:00", "05.03.2026 10:00+04", "5/3/2026 10:00", "29.03.2026 02:30:00"],
    "MONTH_FIRST": ["03/05/2026 10:00:00", "3/5/2026 7:04:10 PM", "10/25/2026 02:30:00"],
    "EPOCH": ["1772733850", "1772733850.5", "1772733850250"],
    "EPOCH_MS": ["1772733850250", "177273385025", "1772733850"],
}
LENGTHS = ["60", "0", "59.5", "0:01:00", "1:00", "60000", "1m0s", "", "x"]


@pytest.mark.parametrize("clock", [None, 4])
@pytest.mark.parametrize("length", ["SECONDS", "DECIMAL", "MILLISECONDS", "CLOCK", "UNITS"])
@pytest.mark.parametrize("time", list(FORMS_OF_TIME))
def test_read_every_form_of_time_and_length_equals_core(time, length, clock):
    """Issue 3, sources by column map: whatever the form, also with day and clock in two columns."""
    columns = {"calling": 0, "called": 1, "started_at": 2 if clock is None else [2, clock], "duration_seconds": 3}
    forms = {"time_format": time, "duration_format": length, "zone": "Europe/Berlin"}
    column_map = read_column_map({"columns": columns, **forms})
    rows = []
    for text in FORMS_OF_TIME[time]:
        day, _space, rest = text.partition(" ") if clock is not None else (text, "", "")
        rows += [f"99910123456,99910555555,{day},{seconds},{rest}\n" for seconds in LENGTHS]
    data = "".join(rows).encode()
    form = SourceForm(source_id=1, columns=column_map, numbering=PLAN)
    calls, faults, _seen = by_engine(form, data, 64)

    assert calls
    assert (calls, faults) == by_core(column_map, data)
