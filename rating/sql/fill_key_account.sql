-- Purpose: what an account used by day of the operator, from its records that are attached.
-- Parameters: account, zone (the operator's), since (days before are kept as they are).
-- Invariant: the account has no days from then on; its subscriptions lead to its records along their key.
INSERT INTO rating_keyaccountday
    (account_id, day, service, record_count, duration_seconds, volume_bytes, amount_micro)
SELECT
    %(account)s, (u.start_at AT TIME ZONE %(zone)s)::date, u.service,
    sum(CASE WHEN u.revision & 1 = 1 THEN -1 ELSE 1 END), sum(u.duration_seconds),
    sum(u.volume_bytes), sum(u.amount_micro)
FROM subscribers_subscription s
JOIN rating_ratedusage u ON u.subscription_id = s.id
WHERE s.account_id = %(account)s AND (u.start_at AT TIME ZONE %(zone)s)::date >= %(since)s
GROUP BY 1, 2, 3
