-- Hits of the rules "more than so many calls to a destination in a day": the operator's day.
-- Parameters, weights and what is kept as in find_sums_per_hour.sql.
WITH counts AS (
    SELECT r.id AS rule_id, r.threshold, r.effect, u.subscription_id, (u.start_at AT TIME ZONE %(zone)s)::date AS day,
        sum(CASE WHEN u.revision & 1 = 1 THEN -1 ELSE 1 END) AS figure
    FROM rating_fraudrule r
    JOIN subscribers_subscription s ON s.id = ANY (%(lines)s::bigint[]) AND r.line_kind IN ('', s.kind)
    JOIN subscribers_account a ON a.id = s.account_id AND r.account_category IN ('', a.category)
    JOIN rating_ratedusage u ON u.subscription_id = s.id
        AND u.start_at >= date_trunc('day', %(first_at)s AT TIME ZONE %(zone)s) AT TIME ZONE %(zone)s
        AND u.start_at < (date_trunc('day', %(last_at)s AT TIME ZONE %(zone)s) + interval '1 day') AT TIME ZONE %(zone)s
    JOIN tariffs_zone z ON z.id = u.zone_id AND (z.id = r.zone_id OR z.usage_category_id = r.usage_category_id)
    WHERE r.is_active AND r.kind = 'CALLS_TO_ZONE'
    GROUP BY r.id, r.threshold, r.effect, u.subscription_id, day
)
INSERT INTO rating_fraudhit (rule_id, subscription_id, day, "window", number, figure, threshold, record_count, effect,
    job_id, found_at, state, dismiss_reason)
SELECT rule_id, subscription_id, day,
    tstzrange(day::timestamp AT TIME ZONE %(zone)s, (day + 1)::timestamp AT TIME ZONE %(zone)s, '[)'), '',
    figure, threshold, figure, effect, %(job)s, %(at)s, 'OPEN', ''
FROM counts WHERE figure > threshold
ORDER BY rule_id, subscription_id, day
ON CONFLICT (rule_id, subscription_id, day) DO NOTHING
RETURNING id, subscription_id, effect
