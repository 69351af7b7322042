"""A worker killed in the middle of the check of a run leaves nothing half done: told once, barred once."""

from contextlib import closing
from datetime import date

import psycopg2
import pytest

from billing_site.console.bench.rating import crew, make_world, write_usage
from tests.fixtures.databases import copy_of_template

ARRIVED = "2026-03-06T06:00:00+00:00"
SUBSCRIPTIONS = 60
RULES = """
INSERT INTO rating_usagelimit (category, kind, amount_micro, during, reason)
SELECT DISTINCT category, 'OPERATOR', 20000000, tstzrange('2026-01-01', NULL), '' FROM subscribers_account;
INSERT INTO rating_fraudrule (code, names, kind, threshold, account_category, line_kind, effect, is_active)
VALUES ('HOUR', '{}', 'SUM_PER_HOUR', 5000000, '', '', 'RESTRICT', true)
"""
# What is wrong: shares reached that were not told, notices without words, lines not barred once.
WRONG = """
SELECT (SELECT count(*) FROM (
            SELECT account_id, bill_period, sum(amount_micro) AS used FROM rating_usagetotal GROUP BY 1, 2
        ) u CROSS JOIN (VALUES (50), (80), (100)) AS p (percent)
        FULL JOIN rating_limitnotice n USING (account_id, bill_period, percent)
        WHERE (u.used * 100 >= 20000000::numeric * percent) <> (n.id IS NOT NULL)),
    (SELECT count(*) FROM rating_limitnotice n
        LEFT JOIN subscribers_notice w ON w.key = 'rating.limit/' || n.id WHERE w.id IS NULL),
    (SELECT count(*) FROM (SELECT DISTINCT subscription_id FROM rating_fraudhit) h
        FULL JOIN subscribers_subscriptionrestriction r USING (subscription_id)
        WHERE r.causes IS DISTINCT FROM '{FRAUD}'),
    (SELECT count(*) FROM jobs_job WHERE state <> 'DONE')
"""
FOUND = "SELECT count(*) FROM (SELECT FROM rating_limitnotice UNION ALL SELECT FROM rating_fraudhit) AS found"


@pytest.mark.parametrize("point", ["spool_ended:1", "run_checked:1"])
def test_check_of_a_run_killed_is_done_once_in_effect(tmp_path, point):
    """002-12: the end of a run and its check are one transaction, done by whoever comes next."""
    path = tmp_path / "night.csv"
    write_usage(path, records=1_500, subscriptions=SUBSCRIPTIONS, day=date(2026, 3, 5), seed=1)
    with copy_of_template() as database:
        environment = {**database.environment, "SALDO_FILES_ROOT": str(tmp_path / "files")}
        make_world(environment, subscriptions=SUBSCRIPTIONS)
        with closing(psycopg2.connect(environment["DATABASE_OWNER_URL"])) as owner, owner.cursor() as cursor:
            owner.autocommit = True
            cursor.execute(RULES)
            with crew({**environment, "SALDO_CRASH": point}, count=1) as (helper,):
                helper.do("load", path=str(path), arrived_at=ARRIVED)
                job_id = helper.do("start")["job_id"]
                with pytest.raises(RuntimeError, match="ended with -9"):
                    helper.do("work", job_id=job_id)
            cursor.execute(FOUND)
            assert cursor.fetchone() == (0,)
            cursor.execute("UPDATE jobs_workitem SET claimed_until = NULL")
            with crew(environment, count=1) as (helper,):
                assert helper.do("start")["job_id"] == job_id
                helper.do("work", job_id=job_id)
            cursor.execute(FOUND)
            assert cursor.fetchone() != (0,)
            cursor.execute(WRONG)
            assert cursor.fetchone() == (0, 0, 0, 0)
