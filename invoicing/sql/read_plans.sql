-- Purpose: the plans that subscriptions of a chunk had on days of the billed period, with the number last held.
-- Parameters: cycle, lo, hi, only (ids, or null for all), start and until (days, half-open), until_at (the same end as an instant).
-- Invariant: the start day is in, the end day is out, no day of a subscription comes twice.
SELECT
    s.account_id, p.plan_id,
    (
        SELECT n.number FROM subscribers_numberassignment n
        WHERE n.subscription_id = s.id AND lower(n.during) < %(until_at)s
        ORDER BY lower(n.during) DESC LIMIT 1
    ),
    s.id,
    greatest(lower(p.during), s.active_from, %(start)s),
    least(upper(p.during), s.active_until, %(until)s),
    s.active_from, s.active_until
FROM subscribers_account a
JOIN subscribers_subscription s ON s.account_id = a.id
JOIN subscribers_subscriptionplan p ON p.subscription_id = s.id
WHERE a.cycle_id = %(cycle)s AND a.id BETWEEN %(lo)s AND %(hi)s AND s.account_id BETWEEN %(lo)s AND %(hi)s
  AND (%(only)s::bigint[] IS NULL OR a.id = ANY (%(only)s))
  AND p.during && daterange(%(start)s, %(until)s)
  AND s.active_from < %(until)s AND (s.active_until IS NULL OR s.active_until > %(start)s)
  AND greatest(lower(p.during), s.active_from, %(start)s) < least(upper(p.during), s.active_until, %(until)s)
ORDER BY s.account_id, s.id, lower(p.during)
