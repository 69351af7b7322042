-- Purpose: how many lines of some centres are suspended on a day.
-- Parameters: day, centres.
SELECT count(*)
FROM subscribers_subscriptionsuspension p
JOIN subscribers_subscription s ON s.id = p.subscription_id
JOIN subscribers_account a ON a.id = s.account_id
WHERE p.during @> %(day)s::date AND a.centre_id = ANY (%(centres)s)
