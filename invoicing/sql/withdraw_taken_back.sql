-- Purpose: what waits for paper of bills that are taken back goes into no batch.
-- Parameters: run, why.
-- Invariant: a bill is taken back and handed out at the same moment, and still is not printed.
UPDATE invoicing_billdelivery d SET state = 'WITHDRAWN', detail = %(why)s
FROM invoicing_invoice i
WHERE d.run_id = %(run)s AND d.channel = 'PRINT' AND d.state = 'WAITING' AND d.batch_id IS NULL
  AND d.credit_note_id IS NULL AND i.id = d.invoice_id AND i.state = 'CANCELLED'
