-- Give every notice that is due: each share of a limit that the total of a bill period has reached, once.
-- accounts: which (null: all); at: which limits hold; days: the first days of the running bill periods by cycle;
-- job: the run (or null). A period that is over but not billed gets its notice if the limit is as old; it bars nothing.
-- Keeps: (account, line, bill period, limit, percent) once; used >= limit * percent / 100.
WITH held AS (
    SELECT h.*, c.open_from, r.bill_period AS running_period FROM rating_limits_at(%(at)s, %(accounts)s::bigint[]) h
    JOIN subscribers_account a ON a.id = h.account_id
    JOIN subscribers_billcycle c ON c.id = a.cycle_id
    JOIN unnest(%(cycles)s::bigint[], %(days)s::date[]) AS r (cycle_id, bill_period) ON r.cycle_id = a.cycle_id
), used AS (
    SELECT h.limit_id, h.account_id, h.subscription_id, h.amount_micro, h.running_period, t.bill_period,
        sum(t.amount_micro)::bigint AS used_micro
    FROM held h JOIN rating_usagetotal t ON t.account_id = h.account_id
        AND (h.subscription_id IS NULL OR t.subscription_id = h.subscription_id)
        AND t.bill_period BETWEEN h.open_from AND h.running_period
    GROUP BY 1, 2, 3, 4, 5, 6
)
INSERT INTO rating_limitnotice
    (limit_id, account_id, subscription_id, bill_period, percent, used_micro, limit_micro, is_running, job_id, given_at)
SELECT u.limit_id, u.account_id, u.subscription_id, u.bill_period, p.percent, u.used_micro, u.amount_micro,
    u.bill_period = u.running_period, %(job)s, %(at)s
FROM used u
JOIN rating_usagelimit l ON l.id = u.limit_id
    AND (u.bill_period = u.running_period OR lower(l.during) < u.running_period)
CROSS JOIN unnest(%(percents)s::int[]) AS p (percent)
WHERE u.used_micro::numeric * 100 >= u.amount_micro::numeric * p.percent
ORDER BY u.account_id, u.subscription_id, u.bill_period, p.percent
ON CONFLICT DO NOTHING
RETURNING id, account_id, subscription_id, bill_period, percent, used_micro, limit_micro, is_running
