"""What must be true of the days of services, and of lines in the hands of staff."""

from typing import Any

from django.conf import settings

from billing_site.core.messages import gettext_noop
from billing_site.db.invariants import Invariant, sql_invariant


def _zone() -> dict[str, Any]:
    return {"zone": settings.SALDO_TIME_ZONE}


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
        """
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
        CROSS JOIN LATERAL (VALUES
            ('records', coalesce(k.records, 0), coalesce(r.records, 0)),
            ('seconds', coalesce(k.seconds, 0), coalesce(r.seconds, 0)),
            ('bytes', coalesce(k.bytes, 0), coalesce(r.bytes, 0)),
            ('millionths', coalesce(k.micro, 0), coalesce(r.micro, 0))
        ) AS v (what, kept, summed)
        WHERE v.kept <> v.summed
        """,
        _zone,
    ),
)
