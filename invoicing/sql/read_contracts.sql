-- Purpose: contracts of a chunk's accounts that may bring something by the end of the period, with when the line was left and what is billed.
-- Parameters: cycle, lo, hi, only (ids, or null for all), until (exclusive end of the period).
-- Invariant: a line is left on the first day without it or with another plan than the contract's; a later day is not known yet.
SELECT
    a.id, c.id, s.id, c.term_id, c.number, c.agreed_on, lower(c.during), upper(c.during),
    CASE WHEN l.left_on <= %(until)s THEN l.left_on END, b.kinds
FROM subscribers_account a
JOIN subscribers_subscription s ON s.account_id = a.id
JOIN subscribers_contract c ON c.subscription_id = s.id AND lower(c.during) < %(until)s
JOIN tariffs_contractterm t ON t.id = c.term_id
CROSS JOIN LATERAL (
    SELECT least(
        s.active_until,
        (
            SELECT min(lower(p.during)) FROM subscribers_subscriptionplan p
            WHERE p.subscription_id = s.id AND p.plan_id <> t.plan_id AND lower(p.during) > lower(c.during)
        )
    ) AS left_on
) l
CROSS JOIN LATERAL (
    SELECT array(SELECT k.kind FROM invoicing_contractbilling k WHERE k.contract_id = c.id)::text[] AS kinds
) b
WHERE a.cycle_id = %(cycle)s AND a.id BETWEEN %(lo)s AND %(hi)s AND s.account_id BETWEEN %(lo)s AND %(hi)s
  AND (%(only)s::bigint[] IS NULL OR a.id = ANY (%(only)s)) AND cardinality(b.kinds) < 2
ORDER BY a.id, c.id
