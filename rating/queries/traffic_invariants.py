"""What must be true of what rating adds up: by exchange, service, key account and line in the hands of staff."""

from billing_site.core.messages import gettext_noop
from billing_site.db.invariants import Invariant, operator_zone_name, sql_invariant

# Between what is kept (k) and what records sum to (r).
_WHERE_THEY_DIFFER = """
        CROSS JOIN LATERAL (VALUES
            ('records', coalesce(k.records, 0), coalesce(r.records, 0)),
            ('seconds', coalesce(k.seconds, 0), coalesce(r.seconds, 0)),
            ('bytes', coalesce(k.bytes, 0), coalesce(r.bytes, 0)),
            ('millionths', coalesce(k.micro, 0), coalesce(r.micro, 0))
        ) AS v (what, kept, summed)
        WHERE v.kept <> v.summed
"""


def _where_they_differ(query: str) -> str:
    return query + _WHERE_THEY_DIFFER


TRAFFIC_INVARIANTS: tuple[Invariant, ...] = (
    sql_invariant(
        "rating.service_days_equal_traffic",
        gettext_noop("The traffic of a service on a day is that of its exchanges and trunks."),
        """
        SELECT 'service ' || service || ' ' || day,
               'differs by ' || sum(records) || ' records, ' || sum(seconds) || ' seconds, ' || sum(bytes) || ' bytes, '
               || sum(micro) || ' millionths'
        FROM (
            SELECT day, service, record_count AS records, duration_seconds AS seconds, volume_bytes AS bytes,
                amount_micro AS micro
            FROM rating_trafficserviceday
            UNION ALL
            SELECT day, service, -record_count, -duration_seconds, -volume_bytes, -amount_micro FROM rating_trafficday
        ) AS t
        GROUP BY day, service
        HAVING sum(records) <> 0 OR sum(seconds) <> 0 OR sum(bytes) <> 0 OR sum(micro) <> 0
        """,
    ),
    sql_invariant(
        "rating.staff_days_equal_records",
        gettext_noop("The days of a line in the hands of staff are the sums of its rated records."),
        _where_they_differ("""
        WITH since AS (SELECT coalesce(max(day) + 2, date '1970-01-01') AS day FROM rating_detachedpartition),
        kept AS (
            SELECT subscription_id, day, service, record_count AS records, duration_seconds AS seconds,
                volume_bytes AS bytes, amount_micro AS micro
            FROM rating_stafflineday WHERE day >= (SELECT day FROM since)
        ), found AS (
            SELECT u.subscription_id, (u.start_at AT TIME ZONE %(zone)s)::date AS day, u.service,
                sum(CASE WHEN u.revision & 1 = 1 THEN -1 ELSE 1 END) AS records,
                sum(u.duration_seconds) AS seconds, sum(u.volume_bytes) AS bytes, sum(u.amount_micro) AS micro
            FROM rating_followedstaffline f JOIN rating_ratedusage u ON u.subscription_id = f.subscription_id
            WHERE u.start_at >= (SELECT day::timestamp AT TIME ZONE %(zone)s FROM since)
            GROUP BY 1, 2, 3
        )
        SELECT 'line ' || subscription_id || ' ' || day,
               v.what || ': kept ' || v.kept || ', records sum to ' || v.summed
        FROM kept k FULL JOIN found r USING (subscription_id, day, service)
        """),
        operator_zone_name,
    ),
    sql_invariant(
        "rating.traffic_equals_records",
        gettext_noop("The traffic of a day and exchange is the sum of its rated records."),
        # Days before the summaries began, and those of which records are detached, cannot be compared.
        _where_they_differ("""
        WITH since AS (
            SELECT greatest(
                (SELECT min(day) FROM rating_trafficday),
                (SELECT max(day) + 2 FROM rating_detachedpartition)
            ) AS day
        ), kept AS (
            SELECT day, source_id, sum(record_count) AS records, sum(duration_seconds) AS seconds,
                sum(volume_bytes) AS bytes, sum(amount_micro) AS micro
            FROM rating_trafficday WHERE day >= (SELECT day FROM since) GROUP BY day, source_id
        ), found AS (
            SELECT (u.start_at AT TIME ZONE %(zone)s)::date AS day, f.source_id,
                sum(CASE WHEN u.revision & 1 = 1 THEN -1 ELSE 1 END) AS records,
                sum(u.duration_seconds) AS seconds, sum(u.volume_bytes) AS bytes, sum(u.amount_micro) AS micro
            FROM rating_ratedusage u JOIN rating_usagefile f ON f.id = u.file_id
            WHERE u.start_at >= (SELECT day::timestamp AT TIME ZONE %(zone)s FROM since)
            GROUP BY 1, 2
        )
        SELECT 'traffic ' || day || ' of source ' || source_id,
               v.what || ': kept ' || v.kept || ', records sum to ' || v.summed
        FROM kept k FULL JOIN found r USING (day, source_id)
        """),
        operator_zone_name,
    ),
    sql_invariant(
        "rating.key_accounts_equal_records",
        gettext_noop("The days of a key account are the sums of its rated records."),
        _where_they_differ("""
        WITH since AS (SELECT coalesce(max(day) + 2, date '1970-01-01') AS day FROM rating_detachedpartition),
        kept AS (
            SELECT d.account_id, d.day, sum(d.record_count) AS records, sum(d.duration_seconds) AS seconds,
                sum(d.volume_bytes) AS bytes, sum(d.amount_micro) AS micro
            FROM rating_keyaccountday d JOIN subscribers_account a ON a.id = d.account_id AND a.is_key
            WHERE d.day >= (SELECT day FROM since) GROUP BY d.account_id, d.day
        ), found AS (
            SELECT s.account_id, (u.start_at AT TIME ZONE %(zone)s)::date AS day,
                sum(CASE WHEN u.revision & 1 = 1 THEN -1 ELSE 1 END) AS records,
                sum(u.duration_seconds) AS seconds, sum(u.volume_bytes) AS bytes, sum(u.amount_micro) AS micro
            FROM subscribers_account a
            JOIN subscribers_subscription s ON s.account_id = a.id
            JOIN rating_ratedusage u ON u.subscription_id = s.id
            WHERE a.is_key AND u.start_at >= (SELECT day::timestamp AT TIME ZONE %(zone)s FROM since)
            GROUP BY 1, 2
        )
        SELECT 'key account ' || account_id || ' ' || day,
               v.what || ': kept ' || v.kept || ', records sum to ' || v.summed
        FROM kept k FULL JOIN found r USING (account_id, day)
        """),
        operator_zone_name,
    ),
)
