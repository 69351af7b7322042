"""What must be true of the totals of calls to information stations."""

from billing_site.core.messages import gettext_noop
from billing_site.db.invariants import Invariant, operator_zone_name, sql_invariant

# A day of which records were written after it was totalled is totalled again by the next night: it is looked at then.
PREMIUM_INVARIANTS: tuple[Invariant, ...] = (
    sql_invariant(
        "rating.premium_totals_equal_records",
        gettext_noop("What is owed to an information station is counted on the rated records of its numbers."),
        """
        WITH since AS (SELECT coalesce(max(day) + 2, date '1970-01-01') AS day FROM rating_detachedpartition),
        days AS (
            SELECT p.day FROM rating_premiumday p
            WHERE p.day >= (SELECT day FROM since)
              AND NOT EXISTS (
                SELECT FROM rating_usagefile f WHERE f.closed_at > p.totalled_at
                  AND (f.first_start_at AT TIME ZONE %(zone)s)::date <= p.day
                  AND (f.last_start_at AT TIME ZONE %(zone)s)::date >= p.day)
              AND NOT EXISTS (
                SELECT FROM rating_setasideline l WHERE l.outcome = 'TAKEN_UP' AND l.tried_at > p.totalled_at
                  AND (l.start_at AT TIME ZONE %(zone)s)::date = p.day)
              AND NOT EXISTS (
                SELECT FROM rating_rerating r WHERE r.done_at > p.totalled_at
                  AND p.day BETWEEN r.used_from - 31 AND r.used_until + 31)
        ), kept AS (
            SELECT t.day, t.station_id, sum(t.call_count) AS calls, sum(t.duration_seconds) AS seconds,
                sum(t.amount_micro) AS micro
            FROM rating_premiumtotal t JOIN days USING (day) GROUP BY t.day, t.station_id
        ), found AS (
            SELECT days.day, n.station_id, sum(CASE WHEN u.revision & 1 = 1 THEN -1 ELSE 1 END) AS calls,
                sum(u.duration_seconds) AS seconds, sum(u.amount_micro) AS micro
            FROM days
            JOIN rating_premiumnumber n ON n.during @> days.day
            JOIN rating_ratedusage u ON u.called = n.number
                AND u.start_at >= days.day::timestamp AT TIME ZONE %(zone)s
                AND u.start_at < (days.day + 1)::timestamp AT TIME ZONE %(zone)s
                AND (u.service <> 0 OR u.duration_seconds <> 0)
            GROUP BY days.day, n.station_id
        )
        SELECT 'station ' || station_id || ' ' || day,
               v.what || ': kept ' || v.kept || ', records sum to ' || v.summed
        FROM kept k FULL JOIN found r USING (day, station_id)
        CROSS JOIN LATERAL (VALUES
            ('calls', coalesce(k.calls, 0), coalesce(r.calls, 0)),
            ('seconds', coalesce(k.seconds, 0), coalesce(r.seconds, 0)),
            ('millionths', coalesce(k.micro, 0), coalesce(r.micro, 0))
        ) AS v (what, kept, summed)
        WHERE v.kept <> v.summed
        """,
        operator_zone_name,
    ),
)
