-- Purpose: the days of a period on which subscriptions of a chunk had plans with a minimum commitment.
-- Parameters: cycle, lo, hi, only (ids, or null for all), start and until (days, half-open), plans (ids).
-- Invariant: no day of a subscription comes twice.
SELECT
    s.account_id, s.id, p.plan_id,
    greatest(lower(p.during), s.active_from, %(start)s),
    least(upper(p.during), s.active_until, %(until)s)
FROM subscribers_account a
JOIN subscribers_subscription s ON s.account_id = a.id
JOIN subscribers_subscriptionplan p ON p.subscription_id = s.id AND p.plan_id = ANY (%(plans)s)
WHERE a.cycle_id = %(cycle)s AND a.id BETWEEN %(lo)s AND %(hi)s AND s.account_id BETWEEN %(lo)s AND %(hi)s
  AND (%(only)s::bigint[] IS NULL OR a.id = ANY (%(only)s))
  AND p.during && daterange(%(start)s, %(until)s)
  AND greatest(lower(p.during), s.active_from, %(start)s) < least(upper(p.during), s.active_until, %(until)s)
ORDER BY s.account_id, s.id, lower(p.during)
