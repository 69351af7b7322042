"""Files of usage from arrival to closing: every line ends as exactly one thing."""

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest

from billing_site.identity.roles import Role
from billing_site.jobs.models import Job
from rating.models import RatedUsage, SetAsideLine, UsageFile, UsageSource
from rating.operations.arriving_bytes import ArchiveRefused
from rating.operations.rating_runs import rate_usage, work_on_run
from rating.operations.usage_files import (
    FileAlreadyKnown,
    ReasonMissing,
    SecondPersonNeeded,
    load_usage_file,
    release_file,
)
from tests.factories.identity import make_staff

SAMPLES = Path(__file__).parents[3] / "shared" / "samples" / "cdr"
NOW = datetime(2026, 3, 6, 6, tzinfo=UTC)
GENERIC = {"columns": {"calling": 0, "called": 1, "started_at": 2, "duration_seconds": 3}, "field_count": 4}
needs_samples = pytest.mark.skipif(not SAMPLES.exists(), reason="the samples lie beside the project")
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files_root(settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path / "files"


def source_of(code="X07", **fields):
    declared = {"dialect": "MAPPED_CSV", "column_map": GENERIC, "time_zone": "Asia/Yerevan", "name": code, **fields}
    return UsageSource.objects.create(code=code, **declared)


def load(source, content, name="X07-20260305.csv", **fields):
    return load_usage_file(source=source, name=name, content=content, arrived_at=NOW, **fields)


def rate(**sizes):
    job = rate_usage(**sizes)
    assert job is not None
    while work_on_run(job_id=job.pk):
        pass
    job.refresh_from_db()
    assert job.state == Job.State.DONE, job.message
    return job


def outcomes(file):
    return dict(SetAsideLine.objects.filter(file_id=file.pk).values_list("line_number", "reason"))


@needs_samples
def test_intake_asterisk_master_every_line_accounted():
    """Five rows of one uniqueid: one counts (and waits: its number is none), three join it, one contradicts itself."""
    source = source_of("PBX", dialect="ASTERISK_CSV", column_map={"oldest_days": 20_000}, time_zone="UTC")
    file = load(source, SAMPLES / "asterisk-good.csv", name="Master.csv")
    rate()
    file.refresh_from_db()
    assert file.state == UsageFile.State.CLOSED
    assert (file.line_count, file.joined_count, file.quarantined_count) == (5, 3, 2)
    assert (file.total_seconds, file.quarantined_seconds) == (12, 12)
    assert outcomes(file) == {
        1: "NUMBER_NOT_DIGITS",
        2: "LONGER_THAN_CALL",
        3: "SAME_CALL",
        4: "SAME_CALL",
        5: "SAME_CALL",
    }


@needs_samples
def test_intake_cdrstats_without_header_every_line_accounted():
    """
    Spaces after commas and seconds since 1970 are read; numbers of nobody wait in quarantine, and one line
    contradicts itself.
    """
    columns = {"calling": 0, "called": 2, "total_seconds": 3, "duration_seconds": 4, "call_ref": 6, "started_at": 7}
    form = {"columns": columns, "time_format": "EPOCH", "field_count": 8, "oldest_days": 20_000}
    file = load(source_of(column_map=form), SAMPLES / "cdrstats-import-100.txt")
    rate(lines_per_spool=30)
    file.refresh_from_db()
    assert (file.state, file.line_count, file.quarantined_count) == (UsageFile.State.CLOSED, 100, 100)
    assert SetAsideLine.objects.filter(file_id=file.pk, reason="NO_SUBSCRIBER").count() == 99


def test_load_usage_same_bytes_refused_as_known():
    """Proves ruling 18: under another name and packed, it says when it came and as what; nothing is written."""
    source = source_of()
    first = load(source, b"1,2,2026-03-05 10:00:00,5\n")
    packed = gzip.compress(b"1,2,2026-03-05 10:00:00,5\n")
    with pytest.raises(FileAlreadyKnown, match=r"2026-03-06T06:00.*X07-20260305\.csv.*X07") as refused:
        load(source, packed, name="other.csv.gz")
    assert refused.value.context["file_id"] == first.pk
    assert UsageFile.objects.count() == 1


def test_load_usage_bomb_refused():
    """000-15: what unpacks to far too much is refused before it is kept."""
    with pytest.raises(ArchiveRefused):
        load(source_of(), gzip.compress(b"0" * 50_000_000))
    assert not UsageFile.objects.exists()


@pytest.mark.parametrize(
    ("content", "state", "reason", "lines"),
    [
        (b"1,2,2026-03-05 10:00:00,5\nT,1,5\n", "BALANCED", "", 1),
        (b"T,0,0\n", "BALANCED", "", 0),
        (b"1,2,2026-03-05 10:00:00,5\nT,2,5\n", "HELD", "TRAILER_DIFFERS", 1),
        (b"1,2,2026-03-05 10:00:00,5\nT,1,6\n", "HELD", "TRAILER_DIFFERS", 1),
        (b"1,2,2026-03-05 10:00:00,5\n", "HELD", "NO_TRAILER", 1),
        (b"1,2,2026-03-05 10:00:00,5\n1,2,20", "HELD", "INCOMPLETE", 2),
    ],
)
def test_load_usage_trailer_balances_or_holds(content, state, reason, lines):
    """000-01 and 000-02: a file that does not agree with its own totals is held whole, with both."""
    trailer = {"begins_with": "T", "count_field": 1, "seconds_field": 2}
    file = load(source_of(column_map={**GENERIC, "trailer": trailer}), content)
    assert (file.state, file.held_reason, file.line_count) == (state, reason, lines)
    rated = rate_usage()
    assert (rated is None) == (state == "HELD")


def test_release_file_needs_second_person_and_reason():
    """A held file goes on by the word of another person, with a reason that stays."""
    loader, other = (
        make_staff(Role.BILLING_SPECIALIST, username="one"),
        make_staff(Role.TARIFF_APPROVER, username="two"),
    )
    source = source_of(column_map={**GENERIC, "complete_lines": True})
    file = load(source, b"1,2,2026-03-05 10:00:00,5", actor=loader)
    with pytest.raises(SecondPersonNeeded):
        release_file(file_id=file.pk, reason="checked", released_at=NOW, actor=loader)
    with pytest.raises(ReasonMissing):
        release_file(file_id=file.pk, reason=" ", released_at=NOW, actor=other)
    file.refresh_from_db()
    assert file.state == UsageFile.State.HELD
    release_file(file_id=file.pk, reason="checked by telephone", released_at=NOW, actor=other)
    rate()
    file.refresh_from_db()
    assert (file.state, file.quarantined_count) == (UsageFile.State.CLOSED, 1)


def test_rate_usage_flood_of_bad_lines_holds_the_file():
    """000-14: new switch software is one alarm, not a thousand lines of quarantine."""
    file = load(source_of(), b"nonsense\n" * 1_500)
    rate()
    file.refresh_from_db()
    assert (file.state, file.held_reason) == (UsageFile.State.HELD, "TOO_MANY_SET_ASIDE")
    assert file.held_detail["reasons"] == {"FIELD_COUNT": 1_500}
    assert not SetAsideLine.objects.exists()


def test_rate_usage_mixed_line_ends_and_bad_bytes_every_line_accounted():
    """
    000-05 and 000-06: CR, CR LF, LF, an open quote, bytes of another encoding and an end-of-text sign cost their own
    lines only.
    """
    lines = b'\xef\xbb\xbf1,2,2026-03-05 10:00:00,5\r\n"open,2,x,5\rcaf\xe9,2,x,5\n'
    lines += b"\n1,2,2026-02-30 10:00:00,7\n1,2\x00,x,5\n\x1a"
    file = load(source_of(), lines)
    rate()
    file.refresh_from_db()
    assert file.state == UsageFile.State.CLOSED
    assert outcomes(file) == {
        1: "NUMBER_TOO_SHORT",
        2: "BAD_QUOTES",
        3: "NOT_DECODABLE",
        4: "EMPTY_LINE",
        5: "BAD_TIME",
        6: "NUL_BYTE",
    }
    assert file.total_seconds == 5 + 7
    raw = dict(SetAsideLine.objects.values_list("line_number", "raw"))
    assert raw[2] == '"open,2,x,5'
    assert raw[3] == "\\x" + b"caf\xe9,2,x,5".hex()
    assert not RatedUsage.objects.exists()


def test_rate_usage_wrong_day_quarantined():
    """000-13: a call that ended on a day that the file is not for waits in quarantine."""
    source = source_of(
        column_map={**GENERIC, "name_pattern": r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)"}, day_tolerance=0
    )
    lines = b"99910000001,2,2026-03-04 23:59:50,20\n99910000001,2,2026-03-04 23:59:50,5\n"
    file = load(source, lines)
    rate()
    assert (file.business_day.isoformat(), outcomes(file)) == ("2026-03-05", {1: "NO_SUBSCRIBER", 2: "WRONG_DAY"})
