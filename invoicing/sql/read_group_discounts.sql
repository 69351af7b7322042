-- Purpose: the discounts that accounts of a chunk have through their group on the last day of the billed period.
-- Parameters: cycle, lo, hi, only (ids, or null for all), until (exclusive end of the period).
-- Invariant: a discount counts for a whole bill or not at all; one that the account has itself is not given twice.
SELECT m.account_id, d.discount_id, d.group_id
FROM subscribers_customergroupmember m
JOIN subscribers_account a ON a.id = m.account_id AND a.cycle_id = %(cycle)s
JOIN subscribers_customergroupdiscount d ON d.group_id = m.group_id AND d.during @> (%(until)s::date - 1)
WHERE m.account_id BETWEEN %(lo)s AND %(hi)s
  AND (%(only)s::bigint[] IS NULL OR m.account_id = ANY (%(only)s)) AND m.during @> (%(until)s::date - 1)
  AND NOT EXISTS (
      SELECT FROM subscribers_accountdiscount o
      WHERE o.account_id = m.account_id AND o.discount_id = d.discount_id AND o.during @> (%(until)s::date - 1)
  )
ORDER BY m.account_id, d.discount_id
