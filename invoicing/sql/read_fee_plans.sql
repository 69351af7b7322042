-- Purpose: plans with fees in advance or of several months that subscriptions of a chunk have, had lately or will have.
-- Parameters: cycle, lo, hi, only (ids, or null for all), plans (ids), since (a day before every period that is looked at), until (the bill's reach).
-- Invariant: days are not cut to the period billed: what is charged ahead is found by what holds now.
SELECT
    s.account_id, s.id, p.plan_id, greatest(lower(p.during), s.active_from), least(upper(p.during), s.active_until),
    s.active_from, s.active_until
FROM subscribers_account a
JOIN subscribers_subscription s ON s.account_id = a.id
JOIN subscribers_subscriptionplan p ON p.subscription_id = s.id AND p.plan_id = ANY (%(plans)s)
WHERE a.cycle_id = %(cycle)s AND a.id BETWEEN %(lo)s AND %(hi)s AND s.account_id BETWEEN %(lo)s AND %(hi)s
  AND (%(only)s::bigint[] IS NULL OR a.id = ANY (%(only)s))
  AND greatest(lower(p.during), s.active_from) <= %(until)s
  AND coalesce(least(upper(p.during), s.active_until), 'infinity') > %(since)s
ORDER BY s.account_id, s.id, lower(p.during)
