"""What must be true of limits, of what was told, and of what is barred."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from billing_site.core import clock
from billing_site.core.messages import gettext_noop
from billing_site.db.invariants import Invariant, sql_invariant
from rating.domain.limits import PERCENTS
from rating.queries.limits import is_run_unchecked, lines_over_limits, running_periods


def _now() -> tuple[datetime, date]:
    """What holds now is asked, as it is when a run is checked."""
    return clock.now(), clock.today()


def _parameters() -> Mapping[str, Any]:
    at, today = _now()
    return {"at": at, "percents": list(PERCENTS), **running_periods(today=today)}


def _lines_at_odds() -> Iterable[tuple[str, str]]:
    """Give the lines that are barred or free against their limit; none while a run is not checked."""
    if is_run_unchecked():
        return
    at, today = _now()
    over, below = lines_over_limits(account_ids=None, at=at, today=today)
    yield from ((f"line {line}", "its limit is used up and outgoing calls are not barred") for line in over)
    yield from ((f"line {line}", "is barred for a limit that is not used up") for line in below)


LIMIT_INVARIANTS: tuple[Invariant, ...] = (
    sql_invariant(
        "rating.limits_are_told",
        gettext_noop("Every total that has reached 50, 80 or 100 % of its limit was told, once its run is checked."),
        """
        WITH held AS (
            SELECT h.*, r.bill_period FROM rating_limits_at(%(at)s, NULL) h
            JOIN subscribers_account a ON a.id = h.account_id
            JOIN unnest(%(cycles)s::bigint[], %(days)s::date[]) AS r (cycle_id, bill_period) USING (cycle_id)
        ), used AS (
            SELECT h.account_id, h.subscription_id, h.bill_period, h.limit_id, h.amount_micro,
                sum(t.amount_micro) AS used_micro
            FROM held h JOIN rating_usagetotal t ON t.account_id = h.account_id AND t.bill_period = h.bill_period
                AND (h.subscription_id IS NULL OR t.subscription_id = h.subscription_id)
            GROUP BY 1, 2, 3, 4, 5
        )
        SELECT 'account ' || u.account_id, u.used_micro || ' of ' || u.amount_micro || ' used in ' || u.bill_period
               || ': ' || p.percent || ' %% was not told'
        FROM used u CROSS JOIN unnest(%(percents)s::int[]) AS p (percent)
        WHERE u.used_micro * 100 >= u.amount_micro::numeric * p.percent
          AND NOT EXISTS (
              SELECT FROM jobs_job j WHERE j.kind = 'rating.rate_usage' AND j.state NOT IN ('DONE', 'CANCELLED')
          )
          AND NOT EXISTS (
              SELECT FROM rating_limitnotice n WHERE n.account_id = u.account_id AND n.limit_id = u.limit_id
                AND n.subscription_id IS NOT DISTINCT FROM u.subscription_id AND n.bill_period = u.bill_period
                AND n.percent = p.percent
          )
        """,
        _parameters,
    ),
    Invariant(
        name="rating.limits_bar_lines",
        sentence=gettext_noop("Outgoing calls of a line are barred when its limit is used up, and only then."),
        find=_lines_at_odds,
    ),
    sql_invariant(
        "rating.limit_notices_reach_subscribers",
        gettext_noop("What was given as a notice of a limit was written to the subscriber."),
        """
        SELECT 'limit notice ' || n.id, 'nothing was written to account ' || n.account_id
        FROM rating_limitnotice n
        WHERE NOT EXISTS (
            SELECT FROM subscribers_notice w WHERE w.key = 'rating.limit/' || n.id AND w.account_id = n.account_id
        )
        """,
    ),
    sql_invariant(
        "rating.hits_bar_lines",
        gettext_noop("A hit of a rule that bars has barred its line."),
        """
        SELECT 'hit ' || h.id, 'line ' || h.subscription_id || ' was never barred for it'
        FROM rating_fraudhit h JOIN subscribers_subscription s ON s.id = h.subscription_id
        WHERE h.effect = 'RESTRICT' AND s.state <> 'TERMINATED' AND NOT EXISTS (
            SELECT FROM subscribers_subscriptionrestriction r WHERE r.subscription_id = h.subscription_id
              AND 'FRAUD' = ANY (r.causes) AND r.during && tstzrange(h.found_at, h.found_at + interval '1 second')
        )
        """,
    ),
)
