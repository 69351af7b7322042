-- The lines whose bar and limit disagree: those to bar, as the limit of the running bill period (their own, or that of
-- their account) is used up, and those barred for it that are below it again.
-- accounts: which (null: all); at: which limits hold; days: the first days of the running bill periods by cycle.
WITH held AS (
    SELECT h.*, r.bill_period FROM rating_limits_at(%(at)s, %(accounts)s::bigint[]) h
    JOIN subscribers_account a ON a.id = h.account_id
    JOIN unnest(%(cycles)s::bigint[], %(days)s::date[]) AS r (cycle_id, bill_period) ON r.cycle_id = a.cycle_id
), used_up AS (
    SELECT h.account_id, h.subscription_id FROM held h
    JOIN rating_usagetotal t ON t.account_id = h.account_id AND t.bill_period = h.bill_period
        AND (h.subscription_id IS NULL OR t.subscription_id = h.subscription_id)
    GROUP BY h.account_id, h.subscription_id, h.amount_micro HAVING sum(t.amount_micro) >= h.amount_micro
), over_limit AS (
    SELECT s.id FROM used_up u JOIN subscribers_subscription s ON s.account_id = u.account_id
    WHERE s.state <> 'TERMINATED' AND (u.subscription_id IS NULL OR u.subscription_id = s.id)
    GROUP BY s.id
), barred AS (
    SELECT s.id FROM subscribers_subscriptionrestriction b JOIN subscribers_subscription s ON s.id = b.subscription_id
    WHERE upper_inf(b.during) AND b.state <> 'RESTORED' AND 'LIMIT' = ANY (b.causes) AND s.state <> 'TERMINATED'
      AND (%(accounts)s::bigint[] IS NULL OR s.account_id = ANY (%(accounts)s::bigint[]))
)
SELECT id, barred.id IS NULL AS is_over FROM over_limit FULL JOIN barred USING (id)
WHERE over_limit.id IS NULL OR barred.id IS NULL ORDER BY id
