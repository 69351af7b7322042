-- Purpose: the features that subscriptions of a chunk had on days of the billed period.
-- Parameters: cycle, lo, hi, only (ids, or null for all), start and until (days, half-open).
-- Invariant: a feature ends with its subscription at the latest.
SELECT
    s.account_id, f.feature_id, s.id,
    greatest(lower(f.during), s.active_from, %(start)s),
    least(upper(f.during), s.active_until, %(until)s),
    s.active_from, s.active_until
FROM subscribers_account a
JOIN subscribers_subscription s ON s.account_id = a.id
JOIN subscribers_subscriptionfeature f ON f.subscription_id = s.id
WHERE a.cycle_id = %(cycle)s AND a.id BETWEEN %(lo)s AND %(hi)s AND s.account_id BETWEEN %(lo)s AND %(hi)s
  AND (%(only)s::bigint[] IS NULL OR a.id = ANY (%(only)s))
  AND f.during && daterange(%(start)s, %(until)s)
  AND s.active_from < %(until)s AND (s.active_until IS NULL OR s.active_until > %(start)s)
  AND greatest(lower(f.during), s.active_from, %(start)s) < least(upper(f.during), s.active_until, %(until)s)
ORDER BY s.account_id, s.id, f.feature_id, lower(f.during)
