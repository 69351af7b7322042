"""However the work is cut, killed or repeated, the same usage gives the same result."""

import os
from contextlib import contextmanager
from datetime import date, timedelta

import pytest

from billing_site.console.bench.rating import crew, make_world, write_usage
from tests.fixtures.databases import connected_as, copy_of_template

DAY = date(2026, 3, 5)
ARRIVED = "2026-03-06T06:00:00+00:00"
SUBSCRIPTIONS = 200
RECORDS = 3_000


@contextmanager
def network(folder):
    """A database of its own with the bench's small network, and the environment that leads to it."""
    with copy_of_template() as database:
        environment = {**database.environment, "SALDO_FILES_ROOT": str(folder / database.name)}
        make_world(environment, subscriptions=SUBSCRIPTIONS)
        yield environment, database.name


@pytest.fixture(scope="module")
def usage(tmp_path_factory):
    """Two nights' files; the second repeats lines of its own and has late calls of nobody."""
    folder = tmp_path_factory.mktemp("usage")
    for night in range(2):
        path = folder / f"night-{night}.csv"
        write_usage(path, records=RECORDS, subscriptions=SUBSCRIPTIONS, day=DAY, seed=night)
    return folder


@pytest.fixture(scope="module")
def plain(usage, tmp_path_factory):
    """The digest of both files rated together, in one piece by one worker."""
    with network(tmp_path_factory.mktemp("plain")) as (environment, _):
        return rate(environment, usage)


def rate(environment, usage, *, workers=1, sizes=None, names=("night-0.csv", "night-1.csv")):
    with crew(environment, count=workers) as gang:
        for name in names:
            gang[0].do("load", path=str(usage / name), arrived_at=ARRIVED)
        job_id = gang[0].do("start", sizes=sizes or {})["job_id"]
        for helper in gang:
            helper.tell("work", job_id=job_id)
        for helper in gang:
            helper.hear()
        return gang[0].do("digest")


@pytest.mark.parametrize(
    ("workers", "sizes"),
    [(2, {"lines_per_batch": 1_000, "lines_per_spool": 500}), (1, {"lines_per_batch": 1, "lines_per_spool": 4_000})],
)
def test_rate_usage_other_pieces_same_digest(usage, plain, tmp_path, workers, sizes):
    """Proves 000-14: neither the size of the pieces nor the number of workers shows in the result."""
    with network(tmp_path) as (environment, _):
        assert rate(environment, usage, workers=workers, sizes=sizes) == plain


@pytest.mark.parametrize(
    "point",
    ["batch_spooled:1", "run_planned:1", "spool_written:1", "spool_written:3", "spool_ended:2", "run_checked:1"],
)
def test_rate_usage_killed_same_digest(usage, plain, tmp_path, point):
    """Proves 000-12: a worker killed in the middle leaves nothing half done; the next one ends the run."""
    with network(tmp_path) as (environment, name):
        with crew({**environment, "SALDO_CRASH": point}, count=1) as (helper,):
            for file in ("night-0.csv", "night-1.csv"):
                helper.do("load", path=str(usage / file), arrived_at=ARRIVED)
            job_id = helper.do("start", sizes={"lines_per_spool": 1_500})["job_id"]
            with pytest.raises(RuntimeError, match="ended with -9"):
                helper.do("work", job_id=job_id)
        free_claims(name)
        with crew(environment, count=1) as (helper,):
            assert helper.do("start")["job_id"] == job_id
            helper.do("work", job_id=job_id)
            assert helper.do("digest") == plain


def test_rate_usage_spool_files_lost_same_digest(usage, plain, tmp_path):
    """Spool files are derived data: lost between two pieces, they are made again."""
    with network(tmp_path) as (environment, name):
        with crew({**environment, "SALDO_CRASH": "spool_ended:1"}, count=1) as (helper,):
            for file in ("night-0.csv", "night-1.csv"):
                helper.do("load", path=str(usage / file), arrived_at=ARRIVED)
            job_id = helper.do("start", sizes={"lines_per_spool": 1_500})["job_id"]
            with pytest.raises(RuntimeError):
                helper.do("work", job_id=job_id)
        free_claims(name)
        lost = list((tmp_path / name / "spool").rglob("*.arrow*"))
        assert lost
        for path in lost:
            path.unlink()
        with crew(environment, count=1) as (helper,):
            helper.do("work", job_id=job_id)
            assert helper.do("digest") == plain


def test_load_usage_one_byte_changed_every_line_duplicate(usage, tmp_path):
    """
    Proves 000-18: repeated lines of a file that is not the same any more end as duplicates, and nothing is charged
    twice.
    """
    changed = tmp_path / "again.csv"
    changed.write_bytes((usage / "night-0.csv").read_bytes().replace(b",T0\n", b",X0\n", 1))
    with network(tmp_path) as (environment, name):
        before = rate(environment, usage, names=("night-0.csv",))
        after = rate(environment, tmp_path, names=("again.csv",))
        assert (after["rated"], after["totals"], after["allowances"]) == (
            before["rated"],
            before["totals"],
            before["allowances"],
        )
        with connected_as("DATABASE_SUPERUSER_URL", database=name) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT state, line_count, rated_count FROM rating_usagefile ORDER BY id DESC LIMIT 1")
            assert cursor.fetchone() == ("CLOSED", RECORDS, 0)
            cursor.execute(
                "SELECT count(*) FROM rating_setasideline s WHERE outcome <> 'DUPLICATE' AND reason <> 'NO_SUBSCRIBER'"
                " AND file_id = (SELECT max(id) FROM rating_usagefile)"
            )
            assert cursor.fetchone() == (0,)


def free_claims(name):
    """Let the next worker take at once what the killed one had claimed."""
    assert os.environ["DATABASE_SUPERUSER_URL"]
    with connected_as("DATABASE_SUPERUSER_URL", database=name) as connection, connection.cursor() as cursor:
        cursor.execute("UPDATE jobs_workitem SET claimed_until = NULL")


def test_write_usage_same_seed_same_bytes(tmp_path):
    """The usage itself is the same each time, or equal digests would prove nothing."""
    for name in ("a", "b"):
        write_usage(tmp_path / name, records=50, subscriptions=20, day=DAY + timedelta(days=1), seed=1)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
