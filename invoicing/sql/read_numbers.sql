-- Purpose: the number that each of some subscriptions held last before an instant.
-- Parameters: subscriptions (ids), until_at.
-- Invariant: one number for a subscription at most.
SELECT DISTINCT ON (n.subscription_id) n.subscription_id, n.number
FROM subscribers_numberassignment n
WHERE n.subscription_id = ANY (%(subscriptions)s) AND lower(n.during) < %(until_at)s
ORDER BY n.subscription_id, lower(n.during) DESC
