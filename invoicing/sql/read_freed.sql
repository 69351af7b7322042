-- Purpose: bill periods before the billed one whose bill was taken back and whose charges no later bill has taken up.
-- Parameters: cycle, lo, hi, start (first day of the billed period).
-- Invariant: a freed period is charged by the first bill made after it was freed, and by one living bill only.
SELECT c.account_id, f.period_from
FROM invoicing_creditnote c
JOIN subscribers_account a ON a.id = c.account_id AND a.cycle_id = %(cycle)s
CROSS JOIN LATERAL unnest(c.freed_periods) AS f (period_from)
WHERE c.account_id BETWEEN %(lo)s AND %(hi)s AND c.freed_after_id IS NOT NULL AND c.state = 'POSTED'
  AND f.period_from < %(start)s
  AND NOT EXISTS (
      SELECT FROM invoicing_invoice i
      WHERE i.account_id = c.account_id AND i.id > c.freed_after_id AND i.state <> 'CANCELLED'
        AND i.period_from >= f.period_from
  )
