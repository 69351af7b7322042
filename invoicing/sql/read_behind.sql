-- Purpose: accounts of a chunk that an earlier posted run set aside and no later one billed, with the oldest period they miss.
-- Parameters: cycle, lo, hi, only (ids, or null for all), start (first day of the billed period).
-- Invariant: a period that was set aside is charged by the next bill, and by one bill only.
SELECT p.account_id, min(r.period_from)
FROM invoicing_billrun r
JOIN invoicing_parkedaccount p ON p.run_id = r.id
WHERE r.cycle_id = %(cycle)s AND r.period_from < %(start)s AND r.state IN ('POSTED', 'DELIVERING', 'DELIVERED')
  AND p.account_id BETWEEN %(lo)s AND %(hi)s
  AND (%(only)s::bigint[] IS NULL OR p.account_id = ANY (%(only)s))
  AND NOT EXISTS (
      SELECT 1 FROM invoicing_invoice i
      WHERE i.account_id = p.account_id AND i.period_from >= r.period_from AND i.state <> 'CANCELLED'
  )
GROUP BY p.account_id
