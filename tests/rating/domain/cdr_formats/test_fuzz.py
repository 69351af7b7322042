"""
Files damaged at random: no parser raises, hangs, loses or invents a record.

Each parser gets some hundred damaged files, and 100,000 in ``selftest --nightly``.
"""

import random
from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from rating.domain.cdr_formats.csv_lines import CallLine, LineReader, TimeLimits
from rating.domain.cdr_formats.decoded import LINE_FIELDS, line_map, line_of
from rating.domain.cdr_formats.dialects import Dialect, read_dialect
from rating.domain.cdr_formats.faults import FaultyLine
from rating.domain.cdr_formats.lines import MAX_LINE_BYTES, RawLine, split_lines
from tests.factories.usage_forms import FORMS, NEAR
from tests.fixtures.nightly import at_night

ROUNDS = at_night(100_000, else_=400)
LIMITS = TimeLimits(earliest_at=datetime(2016, 1, 1, tzinfo=UTC), latest_at=datetime(2026, 4, 1, tzinfo=UTC))
READER = LineReader(column_map=line_map(max_duration_seconds=999_999), limits=LIMITS)
CHEAP = b"\x00\x7f\x80\xff<>&/\"',=@+-\r\n\t \x1a0129TRLHDRacdr"
ASTERISK = (
    b'"","99910300000","99910555555","ctx","A <1>","SIP/1","SIP/2","Dial","x","2026-03-05 10:00:00",'
    b'"2026-03-05 10:00:05","2026-03-05 10:01:05",65,60,"ANSWERED","DOCUMENTATION","1741154400.1",""\n'
)
LINE_SOURCES = {
    Dialect.ASTERISK_CSV: ASTERISK * 3,
    Dialect.ASTERISK_21: ASTERISK.replace(b'""\n', b'"","","1741154400.1",1\n') * 3,
    Dialect.FREESWITCH_CSV: (
        b'"A","99910300000","99910555555","default","2026-03-05 10:00:00","2026-03-05 10:00:05",'
        b'"2026-03-05 10:01:05","65","60","NORMAL_CLEARING","u-1","","","PCMA","PCMA"\n'
    )
    * 3,
}


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Flip, cut, double, insert, drop or swap pieces, up to four times."""
    raw = bytearray(content)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(raw) + 1)
        size = min(chance.choice((1, 1, 2, 7, 40, 400)), len(raw) - at)
        piece = raw[at : at + size]
        match chance.randrange(7):
            case 0 if piece:
                raw[at] = chance.randrange(256)
            case 1:
                del raw[chance.randrange(len(raw) + 1) :]
            case 2:
                raw[at:at] = piece
            case 3:
                raw[at:at] = bytes(chance.choices(CHEAP, k=chance.choice((1, 2, 9))))
            case 4:
                del raw[at : at + size]
            case 5:
                raw[at : at + size] = piece[::-1]
            case _:
                raw[at:at] = chance.randbytes(chance.choice((1, 3, 16)))
    return bytes(raw)


def in_blocks(content: bytes, chance: random.Random) -> list[bytes]:
    cuts = sorted(chance.randrange(len(content) + 1) for _ in range(chance.randrange(4)))
    return [content[a:b] for a, b in pairwise([0, *cuts, len(content)])]


def decoded(form, blocks):
    decoder = form.decoder()
    return list(decoder.records(blocks)), decoder.facts


EVERY = {**FORMS, "near": NEAR}


@pytest.mark.parametrize("name", sorted(EVERY))
def test_damaged_file_loses_and_invents_nothing(name):
    """Issue 3, bad input: every parser; each record is a call or has its fault, whatever the blocks."""
    form, chance = EVERY[name], random.Random(name)
    good = form.make()
    calls = 0
    for _ in range(ROUNDS):
        content = damaged(good, chance)
        records, facts = decoded(form, in_blocks(content, chance))
        assert (records, facts) == decoded(form, [content]), content
        assert_each_is_judged(records)
        assert_all_is_covered(name, records, content, facts)
        calls += sum(record.fault is None for record in records)
    assert calls > ROUNDS / 4


def assert_each_is_judged(records):
    for number, record in enumerate(records, start=1):
        line = line_of(record)
        (raw,) = split_lines([line])
        assert len(raw.raw) < MAX_LINE_BYTES
        found = READER.read(RawLine(number, raw.raw))
        assert isinstance(found, CallLine | FaultyLine)
        if record.fault is not None:
            assert isinstance(found, FaultyLine)
            assert found.fault is record.fault
        elif isinstance(found, FaultyLine):
            assert found.field in {*record.values, "line"}, (record, found, LINE_FIELDS)


def assert_all_is_covered(name, records, content, facts):
    """Records follow each other without overlap, and what lies outside of them is frame."""
    spans = [(record.offset, record.offset + record.size) for record in records]
    assert all(0 <= start <= end <= len(content) for start, end in spans)
    assert all(one[1] <= other[0] for one, other in pairwise(spans))
    outside = b"".join(
        content[one[1] : other[0]] for one, other in pairwise([(0, 0), *spans, (len(content), len(content))])
    )
    if name in {"tap", "near"}:
        # Control blocks are no records; a file that lacks one, or counts otherwise, is held.
        totals = (facts.trailer_count, facts.trailer_charge) == (len(records), facts.charge)
        is_held = facts.is_cut or not facts.has_trailer or not totals
        assert is_held or (len(outside) < 200 and len(records) >= 2)
        return
    for frame in FRAMES[name]:
        outside = outside.replace(frame, b"")
    if name == "fixed":
        marked = [line for line in outside.replace(b"\r", b"\n").split(b"\n") if line.strip(b" \t\x0b\x0c\x1a")]
        assert all(line.startswith((b"HDR", b"TRL")) for line in marked), outside
        assert len(marked) <= 2
    elif name == "radius":
        assert not outside.strip(b" \t\r\n\x0b\x0c\x1a"), outside


FRAMES = {"xml": (), "fixed": (b"\xef\xbb\xbf",), "radius": (b"\xef\xbb\xbf",)}


@pytest.mark.parametrize("dialect", sorted(LINE_SOURCES))
def test_damaged_lines_are_each_a_call_or_a_fault(dialect):
    """Issue 3, bad input: forms that are read by column."""
    chance = random.Random(dialect)
    zone = "Asia/Yerevan"
    form = read_dialect(dialect, {}, zone=ZoneInfo(zone), zone_name=zone, encoding="utf-8")
    reader = LineReader(column_map=form.columns, limits=LIMITS)
    calls = 0
    for _ in range(ROUNDS):
        content = damaged(LINE_SOURCES[dialect], chance)
        lines = list(split_lines(in_blocks(content, chance)))
        assert lines == list(split_lines([content]))
        found = [reader.read(line) for line in lines]
        assert [one.line_no for one in found] == list(range(1, len(lines) + 1))
        calls += sum(isinstance(one, CallLine) for one in found)
    assert calls > ROUNDS / 4
