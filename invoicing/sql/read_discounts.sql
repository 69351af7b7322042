-- Purpose: the discounts that accounts of a chunk have on the last day of the billed period.
-- Parameters: cycle, lo, hi, until (exclusive end of the period).
-- Invariant: a discount counts for a whole bill or not at all.
SELECT d.account_id, d.discount_id
FROM subscribers_account a
JOIN subscribers_accountdiscount d ON d.account_id = a.id
WHERE a.cycle_id = %(cycle)s AND a.id BETWEEN %(lo)s AND %(hi)s AND d.during @> (%(until)s::date - 1)
ORDER BY d.account_id, d.discount_id
