-- Purpose: features with fees in advance or of several months that subscriptions of a chunk have, had lately or will have.
-- Parameters: cycle, lo, hi, only (ids, or null for all), features (ids), since (a day before every period that is looked at), until (the bill's reach).
-- Invariant: as for plans (read_fee_plans); a feature ends with its subscription at the latest.
SELECT
    s.account_id, s.id, f.feature_id, greatest(lower(f.during), s.active_from), least(upper(f.during), s.active_until),
    s.active_from, s.active_until
FROM subscribers_account a
JOIN subscribers_subscription s ON s.account_id = a.id
JOIN subscribers_subscriptionfeature f ON f.subscription_id = s.id AND f.feature_id = ANY (%(features)s)
WHERE a.cycle_id = %(cycle)s AND a.id BETWEEN %(lo)s AND %(hi)s AND s.account_id BETWEEN %(lo)s AND %(hi)s
  AND (%(only)s::bigint[] IS NULL OR a.id = ANY (%(only)s))
  AND greatest(lower(f.during), s.active_from) <= %(until)s
  AND coalesce(least(upper(f.during), s.active_until), 'infinity') > %(since)s
ORDER BY s.account_id, s.id, f.feature_id, lower(f.during)
