-- Purpose: when subscriptions of a chunk had plans whose prices include tax.
-- Parameters: cycle, lo, hi, only (ids, or null for all), plans (ids).
-- Invariant: a line goes from such a plan to another on the first day of a bill period, so a period is all one or the other.
SELECT s.id, lower(p.during), upper(p.during)
FROM subscribers_account a
JOIN subscribers_subscription s ON s.account_id = a.id
JOIN subscribers_subscriptionplan p ON p.subscription_id = s.id AND p.plan_id = ANY (%(plans)s)
WHERE a.cycle_id = %(cycle)s AND a.id BETWEEN %(lo)s AND %(hi)s AND s.account_id BETWEEN %(lo)s AND %(hi)s
  AND (%(only)s::bigint[] IS NULL OR a.id = ANY (%(only)s))
ORDER BY s.id, lower(p.during)
