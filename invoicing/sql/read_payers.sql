-- Purpose: who pays for whom among the accounts of a cycle on the last day of the billed period, with shares in parts per million.
-- Parameters: cycle, lo, hi (of either side), until (exclusive end of the period).
-- Invariant: nobody is on both sides; a row of an item goes before the row of all items.
SELECT p.account_id, p.payer_id, p.bill_item_id, (p.percent * 10000)::bigint, b.number, a.number
FROM subscribers_accountpayer p
JOIN subscribers_account b ON b.id = p.account_id AND b.cycle_id = %(cycle)s
JOIN subscribers_account a ON a.id = p.payer_id AND a.cycle_id = %(cycle)s
WHERE p.during @> (%(until)s::date - 1)
  AND (p.account_id BETWEEN %(lo)s AND %(hi)s OR p.payer_id BETWEEN %(lo)s AND %(hi)s)
ORDER BY p.payer_id, p.account_id, p.bill_item_id NULLS LAST
