"""Bad lines through the real intake, rows 3a.5 to 3a.11 of the bad inputs: each costs itself only, and says why."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from billing_site.core import clock
from rating.models import RatedUsage, SetAsideLine
from rating.operations.usage_files import load_usage_file
from subscribers.operations.subscriptions import terminate_subscription
from tariffs.models import Plan
from tests.factories.intake import CALLED, GOOD, NUMBER, declared, load, rated, sentence, text_of
from tests.factories.rating import ARRIVED_AT, make_source
from tests.factories.tariffs import make_draft, publish

POSITIONS = {"calling": 0, "called": 1, "started_at": 2, "duration_seconds": 3}
pytestmark = pytest.mark.usefixtures("files_root")


# --- 3a.5: encodings, marks and line ends ---


@pytest.mark.parametrize(
    ("content", "encoding", "expected"),
    [
        (b"\xef\xbb\xbf" + GOOD.encode() + b"\r\n", "utf-8", {}),
        (GOOD.encode() + b"\n\x1a", "utf-8", {}),
        (GOOD.encode() + b"\r" + b"x\r", "utf-8", {2: "FIELD_COUNT"}),
        (b"x\r" + GOOD.encode() + b"\r\nx\n", "utf-8", {1: "FIELD_COUNT", 3: "FIELD_COUNT"}),
        (GOOD.encode() + b"\n\x001,2,3,4\n", "utf-8", {2: "NUL_BYTE"}),
        (GOOD.encode() + b"\nABC\xe9,2,3,4\n", "utf-8", {2: "NOT_DECODABLE"}),
        (GOOD.encode() + b"\nABC\xe9,2,2026-03-05 10:00:00,4\n", "windows-1252", {2: "NUMBER_NOT_DIGITS"}),
        (GOOD.encode() + b"\nABC\xe9,2,3,4\n", "ascii", {2: "NOT_DECODABLE"}),
        (f"{GOOD}\n".encode("utf-16"), "utf-8", {1: "NUL_BYTE", 2: "NUL_BYTE"}),
    ],
)
def test_3a_05_bytes_are_read_strictly(line, content, encoding, expected):
    file = load(make_source(encoding=encoding), content)
    assert rated(file) == expected
    assert file.rated_count == file.line_count - len(expected)


def test_3a_05_line_that_is_no_text_keeps_its_bytes_in_hex(line):
    file = load(make_source(), b"A\xe9,2,3,4\n")
    rated(file)
    assert SetAsideLine.objects.get().raw == "\\x" + b"A\xe9,2,3,4".hex()
    assert sentence(file, 1) == (
        "calls.csv, line 1, line: found “41e92c322c332c34”, expected text in the source's encoding"
        " (the bytes are shown in hex). Where the column map of the source is wrong, correct it and take the line up"
        " again. Else ask the exchange for the right line in another file, and write this one off."
    )


# --- 3a.6: fields, quotes, very long lines ---


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("1,2,3", "FIELD_COUNT"),
        (f"{GOOD},more", "FIELD_COUNT"),
        (f"shifted,{GOOD[:-3]}", "BAD_SECONDS"),
        (f'"{GOOD}', "BAD_QUOTES"),
        (f'{NUMBER},"{CALLED},2026-03-05 10:00:00,60', "BAD_QUOTES"),
        ("", "EMPTY_LINE"),
        ("   ", "EMPTY_LINE"),
    ],
)
def test_3a_06_bad_line_costs_itself_only(line, bad, reason):
    later = GOOD.replace("10:", "11:")
    file = load(make_source(), text_of(GOOD, bad, later))
    assert rated(file) == {2: reason}
    assert file.rated_count == 2


def test_3a_06_line_over_the_limit_is_quarantined_and_cut(line):
    """The source's own limit; of the line only so much is kept."""
    file = load(
        make_source(column_map=declared(max_line_bytes=100)), text_of(GOOD, "9" * 101, GOOD.replace("10:", "11:"))
    )
    assert rated(file) == {2: "LINE_TOO_LONG"}
    assert SetAsideLine.objects.get().raw == "9" * 100
    assert "expected a shorter line" in sentence(file, 2)


def test_3a_06_huge_line_is_cut_and_the_rest_of_the_file_counts(line, tmp_path):
    """Eight megabytes without a line end; the lines around it are read as if it were not there."""
    path = tmp_path / "huge.csv"
    path.write_bytes(text_of(GOOD).encode() + b"1" * (8 << 20) + b"\n" + text_of(GOOD.replace("10:", "11:")).encode())
    file = load_usage_file(source=make_source(), name="huge.csv", content=path, arrived_at=ARRIVED_AT)
    assert rated(file) == {2: "LINE_TOO_LONG"}
    assert len(SetAsideLine.objects.get().raw) == 65_536


# --- 3a.7: times ---


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("2026-02-30 10:00:00", "BAD_TIME"),
        ("2026-03-05 24:00:00", "BAD_TIME"),
        ("2026-03-05 23:59:60", "BAD_TIME"),
        ("2026-3-5 10:00:00", "BAD_TIME"),
        ("٢٠٢٦-03-05 10:00:00", "BAD_TIME"),
        ("2026-03-06 06:00:01+00:00", "IN_FUTURE"),
        ("2016-03-05 10:00:00", "TOO_OLD"),
        ("2025-10-26 02:30:00", "AMBIGUOUS_TIME"),
        ("2025-03-30 02:30:00", "NONEXISTENT_TIME"),
        ("", "BAD_TIME"),
    ],
)
def test_3a_07_time_is_quarantined_never_guessed(line, written, reason):
    """The exchange's clock is that of Berlin, where the night of 26 October has two half past two."""
    file = load(make_source(time_zone="Europe/Berlin"), text_of(f"{NUMBER},{CALLED},{written},60"))
    assert rated(file) == {1: reason}
    assert f"calls.csv, line 1, started_at: found “{written}”, expected" in sentence(file, 1)


def test_3a_07_hour_that_came_twice_is_read_by_its_offset(line):
    twice = [f"{NUMBER},{CALLED},2025-10-26 02:30:00{offset},60" for offset in ("+02:00", "+01:00")]
    file = load(make_source(time_zone="Europe/Berlin"), text_of(*twice))
    assert rated(file) == {}
    starts = sorted(RatedUsage.objects.values_list("start_at", flat=True))
    assert starts[1] - starts[0] == timedelta(hours=1)


# --- 3a.8: seconds ---


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        *((bad, "BAD_SECONDS") for bad in ("-1", "", "1e9", "60.5", "NaN", "٦٠", "1_000", "+5", "0x10", "1000000")),
        ("86401", "TOO_LONG"),
        ("999999", "TOO_LONG"),
    ],
)
def test_3a_08_seconds_are_plain_digits(line, written, reason):
    file = load(make_source(), text_of(f"{NUMBER},{CALLED},2026-03-04 03:00:00,{written}"))
    assert rated(file) == {1: reason}
    assert f"duration_seconds: found “{written}”" in sentence(file, 1)


def test_3a_08_value_is_cut_and_escaped_in_the_message(line):
    file = load(make_source(), text_of(f"{NUMBER},{CALLED},2026-03-05 10:00:00,\x1b[31m<b>{'9' * 60}"))
    assert rated(file) == {1: "BAD_SECONDS"}
    said = sentence(file, 1)
    assert "found “\\x1b[31m<b>" + "9" * 28 + "…”" in said
    assert "\x1b" not in said


# --- 3a.9: numbers ---


@pytest.mark.parametrize(
    ("calling", "called", "reason", "field"),
    [
        ("", CALLED, "NUMBER_EMPTY", "calling"),
        ("anonymous", CALLED, "NUMBER_EMPTY", "calling"),
        ("99910ABC", CALLED, "NUMBER_NOT_DIGITS", "calling"),
        ("123", CALLED, "NUMBER_TOO_SHORT", "calling"),
        ("9" * 40, CALLED, "NUMBER_TOO_LONG", "calling"),
        (NUMBER + "1", CALLED, "NUMBER_LENGTH", "calling"),
        ("99910399999", CALLED, "NO_SUBSCRIBER", "calling"),
        (NUMBER, "", "NUMBER_EMPTY", "called"),
        (NUMBER, "00" + "4" * 20, "NUMBER_TOO_LONG", "called"),
        (NUMBER, "0044201632960100", "NO_ZONE", "called"),
    ],
)
def test_3a_09_number_is_quarantined_never_priced_at_0(line, calling, called, reason, field):
    file = load(make_source(), text_of(f"{calling},{called},2026-03-05 10:00:00,60"))
    assert rated(file) == {1: reason}
    assert f", {field}: found “" in sentence(file, 1)
    assert not RatedUsage.objects.exists()


@pytest.mark.parametrize("written", [NUMBER, f"+{NUMBER}", f"00{NUMBER}", "0" + NUMBER[3:], NUMBER[3:]])
def test_3a_09_every_way_to_write_a_number_finds_its_holder(line, written):
    file = load(make_source(), text_of(f"{written},{CALLED},2026-03-05 10:00:00,60"))
    assert rated(file) == {}
    assert RatedUsage.objects.get().calling == NUMBER


# --- 3a.10: the same call twice, and calls in parts ---


def test_3a_10_call_twice_is_linked_to_the_one_that_counts(line):
    first = load(make_source(), text_of(GOOD, GOOD))
    other = load(make_source(code="X08"), text_of(GOOD + " "))
    assert rated(first, other) == [{2: "TWICE_IN_FILE"}, {1: "IN_OTHER_FILE"}]
    details = SetAsideLine.objects.order_by("file_id").values_list("detail", flat=True)
    assert list(details) == [{"of_file": first.pk, "of_line": 1}] * 2


def test_3a_10_parts_of_a_call_are_joined_by_its_reference_where_the_source_says_so(line):
    columns = {**POSITIONS, "call_ref": 4}
    parts = text_of(f"{GOOD},c-1", f"{NUMBER},{CALLED},2026-03-05 10:01:00,30,c-1", f"{GOOD},c-2")
    joining = load(make_source(column_map={"columns": columns, "field_count": 5, "joins": True}), parts)
    assert rated(joining) == {2: "SAME_CALL"}
    assert (joining.rated_count, joining.joined_count, joining.joined_seconds) == (2, 1, 30)


def test_3a_10_parts_are_calls_of_their_own_where_the_source_does_not_join(line):
    columns = {**POSITIONS, "call_ref": 4}
    parts = text_of(f"{GOOD},c-1", f"{NUMBER},{CALLED},2026-03-05 10:01:00,30,c-1")
    file = load(make_source(column_map={"columns": columns, "field_count": 5}), parts)
    assert rated(file) == {}
    assert file.rated_count == 2


# --- 3a.11: calls over a border of time ---


@pytest.mark.parametrize(
    ("start", "seconds", "day"),
    [
        ("2026-03-04 23:59:30", 60, date(2026, 3, 4)),
        ("2026-02-28 23:59:59", 7_200, date(2026, 2, 28)),
        ("2026-03-05 00:00:00", 1, date(2026, 3, 5)),
    ],
)
def test_3a_11_call_over_midnight_or_month_end_is_one_record_of_its_beginning(line, start, seconds, day):
    """Proves 000-17: its seconds are its own, its period that of its start."""
    file = load(make_source(), text_of(f"{NUMBER},{CALLED},{start},{seconds}"))
    assert rated(file) == {}
    record = RatedUsage.objects.get()
    assert record.duration_seconds == seconds
    assert record.start_at.astimezone(clock.operator_zone()).date() == day
    assert record.bill_period == day.replace(day=1)


def test_3a_11_call_over_the_hour_that_came_twice_has_its_own_seconds(line):
    """Invariant 17, in Berlin: it began before the clock went back and ended after; its seconds are what it lasted."""
    columns = {**POSITIONS, "ended_at": 4}
    source = make_source(time_zone="Europe/Berlin", column_map={"columns": columns, "field_count": 5})
    file = load(source, text_of(f"{NUMBER},{CALLED},2025-10-26 01:30:00,10800,2025-10-26 03:30:00"))
    assert rated(file) == {}
    assert RatedUsage.objects.get().duration_seconds == 10_800


def test_3a_11_call_over_a_change_of_prices_costs_what_its_beginning_costs(line):
    """The version in force at the start prices the whole call; the next call has the new price."""
    plan = Plan.objects.get(code="CHARGED")
    version = make_draft(plan=plan, valid_from=date(2026, 3, 5), price=Decimal(50))
    publish(version, at=ARRIVED_AT)
    calls = [f"{NUMBER},{CALLED},2026-03-04 23:59:30,60", f"{NUMBER},{CALLED},2026-03-05 00:00:00,60"]
    file = load(make_source(), text_of(*calls))
    assert rated(file) == {}
    before, after = RatedUsage.objects.order_by("start_at").values_list("amount_micro", flat=True)
    assert after == 10 * before > 0


def test_3a_11_call_that_outlasts_its_subscription_is_quarantined_with_its_reason(line):
    terminate_subscription(subscription_id=line.pk, ended_on=date(2026, 3, 5), actor=None)
    calls = [
        f"{NUMBER},{CALLED},2026-03-04 23:59:00,60",
        f"{NUMBER},{CALLED},2026-03-04 23:59:30,31",
        f"{NUMBER},{CALLED},2026-03-05 00:00:00,5",
    ]
    file = load(make_source(), text_of(*calls))
    assert rated(file) == {2: "OUTLASTS_SUBSCRIPTION", 3: "NO_SUBSCRIBER"}
    assert sentence(file, 2) == (
        "calls.csv, line 2, duration_seconds: found “31”, expected a call that ended before the subscription did."
        " Decide who pays the part after the end, then release the line or write it off."
    )
