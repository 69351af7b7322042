-- Purpose: what accounts of a chunk have used of their allowances in the billed period, by account, line (0: shared by the account)
-- and allowance: units used in all months of it, and units that came into its first one.
-- Parameters: cycle, lo, hi, only (ids, or null for all), start and until (days of the period), has_shared (whether any
-- allowance is shared by an account).
-- Invariant: a bill that is made says this for ever, whatever is rated later for the same period.
WITH holders AS (
    SELECT s.account_id, 'S' AS kind, s.id AS holder_id, s.id AS subscription_id
    FROM subscribers_account a
    JOIN subscribers_subscription s ON s.account_id = a.id
    WHERE a.cycle_id = %(cycle)s AND a.id BETWEEN %(lo)s AND %(hi)s AND s.account_id BETWEEN %(lo)s AND %(hi)s
      AND (%(only)s::bigint[] IS NULL OR a.id = ANY (%(only)s))
      AND s.active_from < %(until)s AND (s.active_until IS NULL OR s.active_until > %(start)s)
    UNION ALL
    SELECT a.id, 'A', a.id, 0
    FROM subscribers_account a
    WHERE %(has_shared)s AND a.cycle_id = %(cycle)s AND a.id BETWEEN %(lo)s AND %(hi)s
      AND (%(only)s::bigint[] IS NULL OR a.id = ANY (%(only)s))
)
SELECT
    h.account_id, h.subscription_id, b.allowance_id, sum(b.used_units)::bigint,
    coalesce(sum(b.carried_units) FILTER (WHERE b.period_start = %(start)s), 0)::bigint
FROM holders h
-- Each is looked up by its key, whatever the planner thinks of reading all of the network: OFFSET keeps them apart.
CROSS JOIN LATERAL (
    SELECT u.allowance_id, u.period_start, u.used_units, u.carried_units FROM rating_allowancebucket u
    WHERE u.holder_kind = h.kind AND u.holder_id = h.holder_id
      AND u.period_start >= %(start)s AND u.period_start < %(until)s
    OFFSET 0
) b
GROUP BY h.account_id, h.subscription_id, b.allowance_id
ORDER BY h.account_id, h.subscription_id, b.allowance_id
