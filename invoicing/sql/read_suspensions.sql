-- Purpose: the days on which subscriptions of a chunk are without service, in order of time.
-- Parameters: cycle, lo, hi, only (ids, or null for all), since (a day before every period that is looked at).
-- Invariant: no two of a subscription share a day.
SELECT u.subscription_id, lower(u.during), upper(u.during)
FROM subscribers_subscriptionsuspension u
JOIN subscribers_subscription s ON s.id = u.subscription_id
JOIN subscribers_account a ON a.id = s.account_id
WHERE a.cycle_id = %(cycle)s AND a.id BETWEEN %(lo)s AND %(hi)s AND s.account_id BETWEEN %(lo)s AND %(hi)s
  AND (%(only)s::bigint[] IS NULL OR a.id = ANY (%(only)s)) AND u.during && daterange(%(since)s, NULL)
ORDER BY u.subscription_id, lower(u.during)
