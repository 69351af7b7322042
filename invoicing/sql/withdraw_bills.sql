-- Purpose: what becomes of the ways of bills that are taken back: what waits does not go, what lies on paper with the
-- printing centre is called back. What was mailed or shown is gone.
-- Parameters: invoices (ids), why.
-- Invariant: a row changes once; what is being sent at this moment counts as gone.
UPDATE invoicing_billdelivery
SET state = CASE state WHEN 'PRINTED' THEN 'RECALLED' ELSE 'WITHDRAWN' END, detail = %(why)s
WHERE invoice_id = ANY (%(invoices)s) AND credit_note_id IS NULL
  AND (state = 'WAITING' OR state = 'PRINTED' AND channel = 'PRINT')
RETURNING run_id, channel, state, batch_id, place, asked_by_id IS NULL
