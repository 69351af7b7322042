"""Bad usage files through the real intake, rows 3a.1 to 3a.4 and 3a.12 to 3a.15: each ends closed, held or refused."""

import gzip
import io
import json
import os
import tarfile
import tracemalloc
import zipfile
from datetime import date, datetime, timedelta

import pytest
from django.core.management import call_command

from billing_site.core import clock
from billing_site.identity.roles import Role
from rating.models import RatedUsage, SetAsideLine, UsageFile
from rating.operations.arriving_bytes import ArchiveRefused
from rating.operations.file_balance import WrongSource
from rating.operations.rating_runs import rate_usage
from rating.operations.usage_files import FileAlreadyKnown, load_usage_file, release_file
from rating.queries.held_files import explain_held
from rating.queries.intake import LateFile, intake_by_day, late_files, sequence_gaps, usage_files_for
from tests.factories.identity import make_staff
from tests.factories.intake import (
    GOOD,
    NUMBER,
    TRAILER,
    declared,
    load,
    rated,
    sentence,
    text_of,
)
from tests.factories.rating import ARRIVED_AT, make_source
from tests.factories.subscribers import make_range

NAMED = r"^(?P<source>[A-Z0-9]+)-(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)-(?P<sequence>\d+)"
pytestmark = pytest.mark.usefixtures("files_root")


def command(*words):
    """Return (exit code, the JSON of a command)."""
    out = io.StringIO()
    code: str | int | None = 0
    try:
        call_command(*words, "--json", stdout=out)
    except SystemExit as ended:
        code = ended.code
    return code, json.loads(out.getvalue().splitlines()[-1])


# --- 3a.1: still being written, or cut in the middle of a line ---


def test_3a_01_file_without_its_done_file_waits(db, tmp_path):
    make_source(column_map=declared(done_suffix=".done"))
    (tmp_path / "in").mkdir()
    for name in ("a.csv", "a.csv.done", "b.csv", "c.csv.part", ".d.csv"):
        (tmp_path / "in" / name).write_text(f"{GOOD}{len(name)}\n" if "done" not in name else "", encoding="utf-8")
    code, found = command("load_usage", str(tmp_path / "in"), "--source", "X07")
    assert code == 0
    assert [(row["name"], row["state"]) for row in found["files"]] == [("a.csv", "STAGED"), ("b.csv", "WAITING")]
    assert found["files"][1]["message"] == "It is taken once b.csv.done lies beside it."
    assert UsageFile.objects.get().name == "a.csv"


def test_3a_01_file_that_still_changes_waits(db, tmp_path):
    make_source(column_map=declared(settle_seconds=60))
    path = tmp_path / "young.csv"
    path.write_text(text_of(GOOD), encoding="utf-8")
    assert command("load_usage", str(path), "--source", "X07")[1]["files"][0]["code"] == "STILL_CHANGING"
    assert not UsageFile.objects.exists()
    long_ago = clock.machine_now().timestamp() - 61
    os.utime(path, (long_ago, long_ago))
    assert command("load_usage", str(path), "--source", "X07")[1]["files"][0]["state"] == "STAGED"


def test_3a_01_cut_file_is_held_and_the_whole_one_is_taken_after_it(line):
    """The cut file takes no place in the sequence and does not end the wait for the day's file."""
    source = make_source(column_map=declared(complete_lines=True, name_pattern=NAMED), expected_by_minute=60)
    cut = load(source, text_of(GOOD) + GOOD[:30], name="X07-20260305-0001.csv")
    assert (cut.state, cut.held_reason, cut.line_count, cut.sequence) == ("HELD", "INCOMPLETE", 2, None)
    assert str(explain_held(cut)) == (
        "X07-20260305-0001.csv: the last of 2 lines is cut. Ask the exchange for the whole file."
    )
    assert rate_usage() is None
    today, zone = date(2026, 3, 6), clock.operator_zone()
    assert late_files(today=today, now=ARRIVED_AT, zone=zone) == (LateFile(source=source, day=date(2026, 3, 5)),)
    whole = load(source, text_of(GOOD, GOOD.replace("10:", "11:")), name="X07-20260305-0001.csv")
    assert (whole.state, whole.sequence) == ("STAGED", 1)
    assert late_files(today=today, now=ARRIVED_AT, zone=zone) == ()
    assert rated(whole) == {}
    assert whole.rated_count == 2


def test_001_01_file_that_names_no_day_is_of_the_day_of_its_last_call(line):
    """An exchange that calls every file Master.csv is missed on the days that it sent none of, not on each day."""
    source, day = make_source(expected_by_minute=60), date(2026, 3, 5)
    zone, today = clock.operator_zone(), day + timedelta(days=1)
    assert late_files(today=today, now=ARRIVED_AT, zone=zone) == (LateFile(source=source, day=day),)
    file = load(source, text_of(GOOD), name="Master.csv")
    for _time in ("before it is read", "afterwards"):
        assert late_files(today=today, now=ARRIVED_AT, zone=zone) == ()
        assert list(usage_files_for(day=day)) == [file]
        assert [(one.day, one.line_count) for one in intake_by_day(first=day, last=day)] == [(day, 1)]
        if file.state == "STAGED":
            assert rated(file) == {}
    day_after = timedelta(days=1)
    late = late_files(today=today + day_after, now=ARRIVED_AT + day_after, zone=zone)
    assert late == (LateFile(source=source, day=today),)
    assert not usage_files_for(day=day - timedelta(days=1)).exists()


def test_001_01_file_of_the_second_day_after_is_late_from_its_hour_on_until_the_next_is_due(db):
    """Expected by 25:30 after its day: that of 3 March is late from 01:30 of the 5th on, then that of the 4th."""
    source, zone = make_source(expected_by_minute=25 * 60 + 30), clock.operator_zone()

    def late(day: int, hour: int, minute: int) -> list[date]:
        now = datetime(2026, 3, day, hour, minute, tzinfo=zone)
        return [one.day for one in late_files(today=date(2026, 3, day), now=now, zone=zone)]

    load(source, text_of(GOOD.replace("2026-03-05", "2026-03-03")), name="Master.csv")
    UsageFile.objects.update(own_day=date(2026, 3, 3))
    assert late(5, 1, 29) == [date(2026, 3, 2)]
    assert late(5, 1, 30) == []
    assert late(6, 1, 29) == []
    assert late(6, 1, 30) == [date(2026, 3, 4)]


def test_3a_01_cut_file_released_takes_its_place_and_its_lines_count(line):
    source = make_source(column_map=declared(complete_lines=True, name_pattern=NAMED))
    cut = load(source, text_of(GOOD) + GOOD[:30], name="X07-20260305-0007.csv")
    cut = release_file(
        file_id=cut.pk, reason="the rest is lost", released_at=ARRIVED_AT, actor=make_staff(Role.TARIFF_APPROVER)
    )
    assert cut.sequence == 7
    assert rated(cut) == {2: "FIELD_COUNT"}


# --- 3a.2: the trailer differs ---


@pytest.mark.parametrize(
    ("trailer", "figures"),
    [
        ("T,2,60", "2 lines and 60 seconds, the file holds 1 and 60"),
        ("T,1,61", "1 lines and 61 seconds, the file holds 1 and 60"),
    ],
)
def test_3a_02_trailer_differs_is_held_with_both_totals(client, line, trailer, figures):
    source = make_source(column_map=declared(trailer=TRAILER))
    file = load(source, text_of(GOOD, trailer))
    assert (file.state, file.held_reason) == ("HELD", "TRAILER_DIFFERS")
    assert f"the trailer says {figures}." in str(explain_held(file))
    assert rate_usage() is None
    client.force_login(make_staff(Role.AUDITOR))
    assert "</bdi> lines and <bdi" in client.get(f"/usage/files/{file.pk}/").content.decode()
    release_file(file_id=file.pk, reason="confirmed", released_at=ARRIVED_AT, actor=make_staff(Role.TARIFF_APPROVER))
    assert rated(file) == {}
    assert file.rated_count == 1


def test_3a_02_damaged_trailer_is_held_and_stays_a_line(line):
    """A line that only begins like a trailer is not thrown away when a person releases the file."""
    file = load(make_source(column_map=declared(trailer=TRAILER)), text_of(GOOD, "T,x,60"))
    assert (file.held_reason, file.line_count) == ("NO_TRAILER", 2)
    release_file(file_id=file.pk, reason="confirmed", released_at=ARRIVED_AT, actor=make_staff(Role.TARIFF_APPROVER))
    assert rated(file) == {2: "FIELD_COUNT"}


def test_3a_02_empty_lines_behind_the_trailer_belong_to_it(line):
    file = load(make_source(column_map=declared(trailer=TRAILER)), text_of(GOOD, "T,1,60", "", "") + "\x1a")
    assert (file.state, file.line_count) == ("BALANCED", 1)
    assert rated(file) == {}


# --- 3a.3: the same file again ---


def test_3a_03_same_bytes_are_refused_whatever_they_are_called(line):
    source, other = make_source(), make_source(code="X08")
    first = load(source, text_of(GOOD))
    again = [("calls.csv", source), ("other.csv", source), ("calls.csv", other)]
    for name, at in again:
        for content in (text_of(GOOD), gzip.compress(text_of(GOOD).encode()), gzip.compress(text_of(GOOD).encode(), 1)):
            with pytest.raises(FileAlreadyKnown, match=r"2026-03-06T06:00.*“calls\.csv” from X07"):
                load(at, content, name=name)
    assert UsageFile.objects.get() == first


def test_3a_03_one_byte_changed_ends_as_duplicates(line):
    first = load(make_source(), text_of(GOOD, "nonsense"))
    again = load(make_source(code="X08"), text_of(GOOD, "Nonsense"))
    assert rated(first, again) == [{2: "FIELD_COUNT"}, {1: "IN_OTHER_FILE", 2: "FIELD_COUNT"}]
    third = load(make_source(code="X09"), text_of(GOOD, "NONSENSE"))
    assert rated(third) == {1: "RATED_BEFORE", 2: "FIELD_COUNT"}
    assert RatedUsage.objects.count() == 1
    assert sentence(third, 1) == (
        f"calls.csv, line 1: the same call is counted in file {first.pk}, line 1. Nothing is to be done."
    )


# --- 3a.4: the sequence ---


def numbered(source, *numbers, note=""):
    """Load a file of its own content for each number and return how each ended."""
    return [
        load(source, text_of(f"{GOOD}{number}{note}"), name=f"X07-20260305-{number:04d}.csv").held_reason
        for number in numbers
    ]


def gaps_of(source):
    return [(gap.first, gap.last, gap.count) for gap in sequence_gaps(source=source)]


def test_3a_04_missing_numbers_are_listed_until_they_come(db, tmp_path):
    """Proves 000-11: one lost file of many is named by the query and by the command that loads the next."""
    source = make_source(column_map=declared(name_pattern=NAMED))
    assert numbered(source, 1, 2, 5, 9) == [""] * 4
    assert gaps_of(source) == [(3, 4, 2), (6, 8, 3)]
    path = tmp_path / "X07-20260305-0007.csv"
    path.write_text(text_of(GOOD), encoding="utf-8")
    found = command("load_usage", str(path), "--source", "X07")[1]
    assert [(gap["first"], gap["last"]) for gap in found["gaps"]] == [(3, 4), (6, 6), (8, 8)]
    assert numbered(source, 4, 3, 8, 6) == [""] * 4
    assert gaps_of(source) == []


def test_3a_04_missing_numbers_are_shown_on_the_page(client, db):
    source = make_source(column_map=declared(name_pattern=NAMED))
    numbered(source, 11, 14)
    client.force_login(make_staff(Role.BILLING_SPECIALIST))
    page = client.get("/usage/files/", {"source": source.pk})
    assert page.status_code == 200
    assert [(gap.first, gap.last) for gap in page.context["gaps"]] == [(12, 13)]


def test_3a_04_number_repeated_or_going_back_with_other_content_is_held(db):
    source = make_source(column_map=declared(name_pattern=NAMED))
    numbered(source, 1, 2, 3)
    assert numbered(source, 3, note=" again") == ["SEQUENCE_REPEATED"]
    assert numbered(source, 1, note=" again") == ["SEQUENCE_REPEATED"]
    held = UsageFile.objects.latest("pk")
    first = UsageFile.objects.earliest("pk")
    assert (held.sequence, held.held_detail) == (None, {"sequence": 1, "of_file": first.pk})
    assert f"number 1 of the sequence came already, as file {first.pk}." in str(explain_held(held))


def test_3a_04_sequence_wraps_where_the_source_says_so(db):
    """After 9999 comes 1; what is missing across the new beginning is named as it is written."""
    source = make_source(column_map=declared(name_pattern=NAMED, sequence={"first": 1, "last": 9999}))
    assert numbered(source, 9998, 9999) == ["", ""]
    assert numbered(source, 1, 3, note=" new") == ["", ""]
    assert gaps_of(source) == [(2, 2, 1)]
    assert numbered(source, 2, note=" new") == [""]
    assert numbered(source, 9997) == [""]
    assert gaps_of(source) == []
    assert numbered(source, 9999, 2, note=" once more") == ["SEQUENCE_REPEATED"] * 2


def test_3a_04_sequence_with_a_hole_across_the_wrap(db):
    source = make_source(column_map=declared(name_pattern=NAMED, sequence={"first": 0, "last": 9999}))
    numbered(source, 9998)
    numbered(source, 1, note=" new")
    assert gaps_of(source) == [(9999, 0, 2)]


def test_3a_04_without_the_rule_a_new_beginning_is_held(db):
    source = make_source(column_map=declared(name_pattern=NAMED))
    numbered(source, 1, 9999)
    assert numbered(source, 1, note=" new") == ["SEQUENCE_REPEATED"]


# --- 3a.12: empty and large files ---


def test_3a_12_empty_nights_close_as_0_equals_0_and_count_in_the_sequence(db):
    """The bytes of two empty files are the same; only the same name again is the same file."""
    source = make_source(column_map=declared(trailer=TRAILER, name_pattern=NAMED))
    nights = [load(source, "T,0,0\n", name=f"X07-2026030{n}-000{n}.csv") for n in (3, 4, 5)]
    assert rated(*nights) == [{}, {}, {}]
    assert gaps_of(source) == []
    assert [(night.line_count, night.sequence) for night in nights] == [(0, 3), (0, 4), (0, 5)]
    with pytest.raises(FileAlreadyKnown):
        load(source, "T,0,0\n", name="X07-20260304-0004.csv")


def test_3a_12_large_file_streams(db, tmp_path):
    """Sixty megabytes are hashed, stored and counted in a few blocks of memory."""
    path = tmp_path / "large.csv"
    block = text_of(*[GOOD] * 10_000).encode()
    with path.open("wb") as stream:
        for _ in range(120):
            stream.write(block)
    source = make_source()
    tracemalloc.start()
    try:
        file = load_usage_file(source=source, name="large.csv", content=path, arrived_at=ARRIVED_AT)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert file.line_count == 1_200_000
    assert path.stat().st_size > 50_000_000
    assert peak < 12_000_000


# --- 3a.13: the right file in the wrong folder, and test traffic ---


def test_3a_13_file_of_another_source_is_refused_by_name_and_by_head(line):
    named = make_source(column_map=declared(name_pattern=NAMED))
    headed = make_source(code="X08", column_map=declared(head={"begins_with": "H", "source_field": 1}))
    with pytest.raises(WrongSource, match="“X09”, but it is loaded as X07"):
        load(named, text_of(GOOD), name="X09-20260305-0001.csv")
    with pytest.raises(WrongSource, match="“X07”, but it is loaded as X08"):
        load(headed, text_of("H,X07", GOOD))
    assert not UsageFile.objects.exists()
    file = load(headed, text_of("H,X08", GOOD, "bad"))
    assert rated(file) == {3: "FIELD_COUNT"}


def test_3a_13_file_without_the_declared_head_is_held(line):
    headed = make_source(column_map=declared(head={"begins_with": "H", "source_field": 1}))
    file = load(headed, text_of(GOOD))
    assert (file.state, file.held_reason, file.line_count) == ("HELD", "HEADER_UNREADABLE", 1)


@pytest.mark.parametrize("call", ["99910777001,99910555555", f"{NUMBER},99910777005"])
def test_3a_13_test_numbers_are_quarantined(line, call):
    make_range(first="99910777000", use="TEST")
    file = load(make_source(), text_of(f"{call},2026-03-05 10:00:00,60"))
    assert rated(file) == {1: "TEST_NUMBER"}


# --- 3a.14: everything bad ---


def test_3a_14_flood_of_bad_lines_is_one_held_file_with_one_reason(line):
    file = load(make_source(), text_of(*(f"new software {n}" for n in range(1_000))))
    good = load(make_source(code="X08"), text_of(GOOD))
    rated(good)
    file.refresh_from_db()
    assert (file.state, file.held_reason) == ("HELD", "TOO_MANY_SET_ASIDE")
    assert file.held_detail == {"set_aside": 1_000, "lines": 1_000, "reasons": {"FIELD_COUNT": 1_000}}
    assert "1000 of its 1000 lines cannot be rated. Check the column map" in str(explain_held(file))
    assert not SetAsideLine.objects.exists()


# --- 3a.15: archives and names ---


def packed_tar(*, name, link=None):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        entry = tarfile.TarInfo(name)
        if link:
            entry.type, entry.linkname = tarfile.SYMTYPE, link
        tar.addfile(entry)
    return buffer.getvalue()


def packed_zip(name):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, GOOD)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(b"0" * 30_000_000),
        gzip.compress(gzip.compress(text_of(GOOD).encode())),
        packed_tar(name="calls.csv", link="/etc/passwd"),
        gzip.compress(packed_tar(name="../../calls.csv")),
        packed_zip("../calls.csv"),
        gzip.compress(text_of(GOOD).encode())[:-9],
        b"\x1f\x8bnot gzip at all",
    ],
    ids=["bomb", "gzip in gzip", "symlink in tar", "tar.gz with ../", "zip", "cut gzip", "no gzip"],
)
def test_3a_15_archive_is_refused_and_leaves_nothing(db, settings, content):
    with pytest.raises(ArchiveRefused, match=r"“calls\.csv\.gz” cannot be unpacked: "):
        load(make_source(), content, name="calls.csv.gz")
    assert not UsageFile.objects.exists()
    assert [path for path in settings.SALDO_FILES_ROOT.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\calls.csv", "calls.csv"),
        ("a; rm -rf ~.csv", "a; rm -rf ~.csv"),
        ("x" * 300 + ".csv", "x" * 255),
        ("\x1b[31m\u202egnp.csv", "_[31m_gnp.csv"),
        ("/", "_"),
    ],
)
def test_3a_15_name_is_shown_and_never_a_path(line, settings, tmp_path, name, kept):
    file = load(make_source(), text_of(GOOD), name=name)
    assert file.name == kept
    assert all(path.is_relative_to(settings.SALDO_FILES_ROOT) for path in tmp_path.rglob("*") if path.is_file())
    assert rated(file) == {}


def test_3a_15_link_in_a_folder_is_not_followed(db, tmp_path):
    make_source()
    (tmp_path / "secret").write_text(text_of(GOOD), encoding="utf-8")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "calls.csv").symlink_to(tmp_path / "secret")
    code, found = command("load_usage", str(tmp_path / "in"), "--source", "X07")
    assert (code, found["files"][0]["code"]) == (4, "SYMBOLIC_LINK")
    assert not UsageFile.objects.exists()
