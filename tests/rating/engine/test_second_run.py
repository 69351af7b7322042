"""A later run finds the totals and allowances of an earlier one, and goes on from there."""

from contextlib import closing
from datetime import date

import psycopg2
import pytest

from billing_site.console.bench.rating import crew, make_world, write_usage
from rating.engine import plans
from rating.engine.batches import HOUR_US
from tests.fixtures.databases import copy_of_template

DAY = date(2026, 3, 5)
ARRIVED = "2026-03-06T06:00:00+00:00"
SUBSCRIPTIONS = 50
RECORDS = 1_500

TOTALS = """
SELECT count(*) FROM rating_usagetotal t FULL JOIN (
    SELECT account_id, bill_period, subscription_id, bill_item_id, count(*) AS record_count,
        sum(duration_seconds) AS duration_seconds, sum(charged_units) AS charged_units,
        sum(allowance_units) AS allowance_units, sum(amount_micro) AS amount_micro
    FROM rating_ratedusage GROUP BY 1, 2, 3, 4
) r USING (account_id, bill_period, subscription_id, bill_item_id)
WHERE (t.record_count, t.duration_seconds, t.charged_units, t.allowance_units, t.amount_micro)
    IS DISTINCT FROM (r.record_count, r.duration_seconds, r.charged_units, r.allowance_units, r.amount_micro)
"""
POTS = """
SELECT count(*) FROM rating_allowancebucket b FULL JOIN (
    SELECT subscription_id AS holder_id, allowance_id, sum(allowance_units) AS drawn
    FROM rating_ratedusage WHERE allowance_id IS NOT NULL GROUP BY 1, 2
) r USING (holder_id, allowance_id)
WHERE b.used_units IS DISTINCT FROM r.drawn OR b.used_units > 1200
"""
UPDATES = """
SELECT relname, n_tup_upd > 0, n_tup_upd - n_tup_hot_upd FROM pg_stat_user_tables
WHERE relname IN ('rating_usagetotal', 'rating_allowancebucket') ORDER BY relname
"""
LATE = """
SELECT count(*) FILTER (WHERE f.name = 'night-0.csv'), count(*) FILTER (WHERE f.name = 'night-1.csv')
FROM rating_ratedusage r JOIN rating_usagefile f ON f.id = r.file_id WHERE r.is_late
"""


@pytest.fixture(scope="module")
def second_run(tmp_path_factory):
    """Two files of the same day, rated one after the other; the owner's cursor."""
    folder = tmp_path_factory.mktemp("usage")
    with copy_of_template() as database:
        environment = {**database.environment, "SALDO_FILES_ROOT": str(folder / database.name)}
        make_world(environment, subscriptions=SUBSCRIPTIONS)
        with crew(environment, count=1) as (worker,):
            for night in range(2):
                path = folder / f"night-{night}.csv"
                write_usage(path, records=RECORDS, subscriptions=SUBSCRIPTIONS, day=DAY, seed=night)
                worker.do("load", path=str(path), arrived_at=ARRIVED)
                job_id = worker.do("start", sizes={"lines_per_spool": 400})["job_id"]
                worker.do("work", job_id=job_id)
        with closing(psycopg2.connect(environment["DATABASE_OWNER_URL"])) as owner, owner.cursor() as cursor:
            yield cursor


def test_second_run_totals_are_the_sums_of_all_records(second_run):
    """Totals of the first run are added to, not written beside."""
    second_run.execute("SELECT count(DISTINCT file_id), count(*) > 2000 FROM rating_ratedusage")
    assert second_run.fetchone() == (2, True)
    second_run.execute(TOTALS)
    assert second_run.fetchone() == (0,)


def test_second_run_draws_what_the_first_left(second_run):
    """No allowance gives more than it holds, and each bucket is what its records drew."""
    second_run.execute("SELECT count(*) FROM rating_allowancebucket WHERE used_units = 1200")
    assert second_run.fetchone()[0] > 0
    second_run.execute(POTS)
    assert second_run.fetchone() == (0,)


def test_second_run_changes_rows_without_touching_an_index(second_run):
    """Each total and pot finds room for its new row on its own page: a later night costs about what the first does."""
    second_run.execute(UPDATES)
    assert second_run.fetchall() == [("rating_allowancebucket", True, 0), ("rating_usagetotal", True, 0)]


def test_second_run_late_calls_say_so(second_run):
    """A call that began before one which an earlier run let draw is late; within one run none is."""
    second_run.execute(LATE)
    first, second = second_run.fetchone()
    assert first == 0
    assert second > 0


@pytest.mark.parametrize(
    ("near", "hours"), [(0, [(10, 12), (20, 21)]), (1, [(9, 13), (19, 22)]), (6, [(4, 27)])], ids=["plain", "1", "6"]
)
def test_records_are_read_of_the_hours_that_a_run_has(near, hours):
    """What another run rated of the same day, but of other hours, cannot be a call of this one."""
    assert plans._spans({11, 10, 20}, near_hours=near) == [
        [first * HOUR_US, behind * HOUR_US] for first, behind in hours
    ]
