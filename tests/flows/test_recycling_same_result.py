"""Lines that waited give, once they are taken up, what they would have given without waiting; killed or not."""

from contextlib import contextmanager
from datetime import date

import pytest

from billing_site.console.bench.rating import crew, make_world, write_usage
from tests.fixtures.databases import connected_as, copy_of_template

DAY = date(2026, 3, 5)
ARRIVED = "2026-03-06T06:00:00+00:00"
SUBSCRIPTIONS, RECORDS = 100, 2_000
# Holders of one number that never changed hands: all their calls wait, or none.
HIDE = """
CREATE TABLE hidden AS SELECT * FROM subscribers_numberassignment a
WHERE subscription_id IN (SELECT subscription_id FROM subscribers_numberassignment GROUP BY 1 HAVING count(*) = 1)
  AND number IN (SELECT number FROM subscribers_numberassignment GROUP BY 1 HAVING count(*) = 1)
  AND subscription_id <= 40;
DELETE FROM subscribers_numberassignment WHERE id IN (SELECT id FROM hidden);
"""
BRING_BACK = "INSERT INTO subscribers_numberassignment SELECT * FROM hidden; DROP TABLE hidden"
WAITING = "SELECT count(*) FROM rating_setasideline WHERE outcome = 'QUARANTINED' AND reason = 'NO_SUBSCRIBER'"
SAME = ("rated", "totals", "allowances", "files")


@pytest.fixture(scope="module")
def usage(tmp_path_factory):
    path = tmp_path_factory.mktemp("usage") / "night.csv"
    write_usage(path, records=RECORDS, subscriptions=SUBSCRIPTIONS, day=DAY, seed=7)
    return path


@contextmanager
def network(folder):
    with copy_of_template() as database:
        environment = {**database.environment, "SALDO_FILES_ROOT": str(folder / database.name)}
        make_world(environment, subscriptions=SUBSCRIPTIONS)
        yield environment, database.name


def run(name, statement):
    with connected_as("DATABASE_SUPERUSER_URL", database=name) as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return (cursor.fetchone() or (None,))[0] if cursor.description else None


def rate(helper, usage):
    helper.do("load", path=str(usage), arrived_at=ARRIVED)
    helper.do("work", job_id=helper.do("start")["job_id"])


def same(digest):
    return {name: digest[name] for name in SAME}


@pytest.fixture(scope="module")
def plain(usage, tmp_path_factory):
    """The digest of the file where nobody had to wait."""
    with network(tmp_path_factory.mktemp("plain")) as (environment, _), crew(environment, count=1) as (helper,):
        rate(helper, usage)
        return same(helper.do("digest"))


@pytest.mark.parametrize("lines_per_chunk", [100_000, 97])
def test_recycle_lines_gives_what_rating_would_have_given(usage, plain, tmp_path, lines_per_chunk):
    with network(tmp_path) as (environment, name), crew(environment, count=1) as (helper,):
        run(name, HIDE)
        rate(helper, usage)
        assert run(name, WAITING) > 500
        assert same(helper.do("digest")) != plain
        run(name, BRING_BACK)
        helper.do("recycle", sizes={"lines_per_chunk": lines_per_chunk})
        helper.do("take_up")
        assert same(helper.do("digest")) == plain


@pytest.mark.parametrize("point", ["lines_recycled:1", "lines_recycled:3"])
def test_recycle_lines_killed_gives_the_same(usage, plain, tmp_path, point):
    """A worker killed in the middle leaves nothing half done; the next one goes on from there."""
    with network(tmp_path) as (environment, name):
        with crew({**environment, "SALDO_CRASH": point}, count=1) as (helper,):
            run(name, HIDE)
            rate(helper, usage)
            run(name, BRING_BACK)
            helper.do("recycle", sizes={"lines_per_chunk": 200})
            with pytest.raises(RuntimeError, match="ended with -9"):
                helper.do("take_up")
        run(name, "UPDATE jobs_workitem SET claimed_until = NULL")
        with crew(environment, count=1) as (helper,):
            helper.do("take_up")
            assert same(helper.do("digest")) == plain
