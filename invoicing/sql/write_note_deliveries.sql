-- Purpose: one row for each way on which posted credit notes go out: those of the bills of their accounts.
-- Parameters: notes (ids), at.
-- Invariant: a note has one living row for a way, however often this is done. Of a run taken back only the bills that
-- were handed out are told of: whoever gets the bill gets the note after it. Mail is due at once; on paper a note goes
-- with the next print batch of its bill's run.
INSERT INTO invoicing_billdelivery
    (invoice_id, credit_note_id, account_id, run_id, channel, state, address, language, post_code, route, due_at,
     sent_at)
SELECT c.invoice_id, c.id, c.account_id, i.run_id, w.kind, CASE w.kind WHEN 'PORTAL' THEN 'SENT' ELSE 'WAITING' END,
       w.address, w.language, w.post_code, w.route, CASE w.kind WHEN 'E_MAIL' THEN %(at)s::timestamptz END,
       CASE w.kind WHEN 'PORTAL' THEN %(at)s::timestamptz END
FROM invoicing_creditnote c
JOIN invoicing_invoice i ON i.id = c.invoice_id
CROSS JOIN LATERAL (SELECT * FROM subscribers_billway b WHERE b.account_id = c.account_id) AS w
WHERE c.id = ANY (%(notes)s) AND c.state = 'POSTED'
  AND (c.kind <> 'UNDO' OR EXISTS (
      SELECT FROM invoicing_billdelivery d
      WHERE d.invoice_id = c.invoice_id AND d.credit_note_id IS NULL
  ))
ORDER BY c.account_id, c.id, w.kind
ON CONFLICT (credit_note_id, channel) WHERE state <> 'RESENT' AND credit_note_id IS NOT NULL DO NOTHING
