-- Hits of the rules "more than this money in any hour": the hour that ends with a record, its start left out.
-- lines: the lines of which the run rated records; first_at, last_at: the run's first and last start; zone: whose days;
-- job, at: the run and its time. A record that takes an earlier one back counts -1 and carries its amount back.
-- Keeps: one hit of a rule, a line and a day; its first hour.
WITH candidates AS (  -- whoever spent more in all: a quick look that leaves few
    SELECT r.id AS rule_id, r.threshold, r.effect, s.id AS line
    FROM rating_fraudrule r
    JOIN subscribers_subscription s ON s.id = ANY (%(lines)s::bigint[]) AND r.line_kind IN ('', s.kind)
    JOIN subscribers_account a ON a.id = s.account_id AND r.account_category IN ('', a.category)
    JOIN rating_ratedusage u ON u.subscription_id = s.id
        AND u.start_at > %(first_at)s - interval '1 hour' AND u.start_at < %(last_at)s + interval '1 hour'
    WHERE r.is_active AND r.kind = 'SUM_PER_HOUR'
    GROUP BY r.id, s.id HAVING sum(greatest(u.amount_micro, 0)) > r.threshold
), sums AS (
    SELECT c.rule_id, c.threshold, c.effect, u.subscription_id, u.start_at,
        sum(u.amount_micro) OVER hour AS figure,
        sum(CASE WHEN u.revision & 1 = 1 THEN -1 ELSE 1 END) OVER hour AS record_count
    FROM candidates c
    JOIN rating_ratedusage u ON u.subscription_id = c.line
        AND u.start_at > %(first_at)s - interval '1 hour' AND u.start_at < %(last_at)s + interval '1 hour'
    WINDOW hour AS (
        PARTITION BY c.rule_id, u.subscription_id ORDER BY u.start_at
        RANGE BETWEEN interval '3599.999999 seconds' PRECEDING AND CURRENT ROW
    )
)
INSERT INTO rating_fraudhit (rule_id, subscription_id, day, "window", number, figure, threshold, record_count, effect,
    job_id, found_at, state, dismiss_reason)
SELECT DISTINCT ON (rule_id, subscription_id, (start_at AT TIME ZONE %(zone)s)::date)
    rule_id, subscription_id, (start_at AT TIME ZONE %(zone)s)::date,
    tstzrange(start_at - interval '1 hour', start_at, '(]'), '', figure, threshold, record_count, effect,
    %(job)s, %(at)s, 'OPEN', ''
FROM sums WHERE start_at >= %(first_at)s AND figure > threshold AND record_count > 0
ORDER BY rule_id, subscription_id, (start_at AT TIME ZONE %(zone)s)::date, start_at
ON CONFLICT (rule_id, subscription_id, day) DO NOTHING
RETURNING id, subscription_id, effect
