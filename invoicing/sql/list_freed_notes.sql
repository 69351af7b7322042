-- Purpose: credit notes that took bills of an account back, with a period that no bill made after them has taken up.
-- Parameters: account_id.
-- Invariant: those of an account that had its final bill whose charges are listed as FREED (list_left_charges).
SELECT c.id
FROM invoicing_creditnote c
WHERE c.account_id = %(account_id)s AND c.state = 'POSTED' AND c.freed_after_id IS NOT NULL
  AND NOT EXISTS (SELECT FROM invoicing_freedsettlement s WHERE s.credit_note_id = c.id)
  AND EXISTS (
      SELECT FROM unnest(c.freed_periods) AS p (period_from)
      WHERE NOT EXISTS (
          SELECT FROM invoicing_invoice o
          WHERE o.account_id = c.account_id AND o.id > c.freed_after_id AND o.period_from >= p.period_from
            AND (o.state <> 'CANCELLED' OR o.number IS NOT NULL)
      )
  )
ORDER BY c.id
