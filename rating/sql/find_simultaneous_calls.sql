-- Hits of the rules "more than so many calls of a number at once": the instant at which one too many begins. A call is
-- over at its end: the next may begin then. Calls of no length overlap nothing; of one longer than a day, only a day is
-- looked back. Parameters, weights and what is kept as in find_sums_per_hour.sql.
WITH candidates AS (  -- whoever made more calls in all: a quick look that leaves few
    SELECT r.id AS rule_id, r.threshold, r.effect, s.id AS line
    FROM rating_fraudrule r
    JOIN subscribers_subscription s ON s.id = ANY (%(lines)s::bigint[]) AND r.line_kind IN ('', s.kind)
    JOIN subscribers_account a ON a.id = s.account_id AND r.account_category IN ('', a.category)
    JOIN rating_ratedusage u ON u.subscription_id = s.id AND u.duration_seconds <> 0
        AND u.start_at >= %(first_at)s - interval '1 day' AND u.start_at <= %(last_at)s + interval '1 day'
    WHERE r.is_active AND r.kind = 'SIMULTANEOUS'
    GROUP BY r.id, s.id HAVING count(*) > r.threshold
), calls AS (
    SELECT c.rule_id, c.threshold, c.effect, u.subscription_id, u.calling, u.start_at,
        u.start_at + make_interval(secs => abs(u.duration_seconds)) AS end_at,
        CASE WHEN u.revision & 1 = 1 THEN -1 ELSE 1 END AS weight
    FROM candidates c
    JOIN rating_ratedusage u ON u.subscription_id = c.line AND u.duration_seconds <> 0
        AND u.start_at >= %(first_at)s - interval '1 day' AND u.start_at <= %(last_at)s + interval '1 day'
), events AS (
    SELECT rule_id, threshold, effect, subscription_id, calling, start_at AS at, true AS begins, weight FROM calls
    UNION ALL
    SELECT rule_id, threshold, effect, subscription_id, calling, end_at, false, -weight FROM calls
), counts AS (
    SELECT *, sum(weight) OVER (PARTITION BY rule_id, subscription_id, calling ORDER BY at, begins) AS figure
    FROM events
)
INSERT INTO rating_fraudhit (rule_id, subscription_id, day, "window", number, figure, threshold, record_count, effect,
    job_id, found_at, state, dismiss_reason)
SELECT DISTINCT ON (rule_id, subscription_id, (at AT TIME ZONE %(zone)s)::date)
    rule_id, subscription_id, (at AT TIME ZONE %(zone)s)::date, tstzrange(at, at, '[]'), left(calling, 64),
    figure, threshold, figure, effect, %(job)s, %(at)s, 'OPEN', ''
FROM counts WHERE begins AND at >= %(first_at)s AND figure > threshold
ORDER BY rule_id, subscription_id, (at AT TIME ZONE %(zone)s)::date, at, calling
ON CONFLICT (rule_id, subscription_id, day) DO NOTHING
RETURNING id, subscription_id, effect
