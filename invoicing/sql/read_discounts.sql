-- Purpose: the discounts that accounts of a chunk have on the last day of the billed period.
-- Parameters: cycle, lo, hi, only (ids, or null for all), until (exclusive end of the period).
-- Invariant: a discount counts for a whole bill or not at all.
SELECT d.account_id, d.discount_id
FROM subscribers_account a
JOIN subscribers_accountdiscount d ON d.account_id = a.id
WHERE a.cycle_id = %(cycle)s AND a.id BETWEEN %(lo)s AND %(hi)s AND d.account_id BETWEEN %(lo)s AND %(hi)s
  AND (%(only)s::bigint[] IS NULL OR a.id = ANY (%(only)s)) AND d.during @> (%(until)s::date - 1)
ORDER BY d.account_id, d.discount_id
