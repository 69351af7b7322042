-- Purpose: one row for each way of each posted bill of a run, for a range of accounts.
-- Parameters: run, lo, hi, at.
-- Invariant: a bill that has a living row for a way gets no second one, however often this is done.
INSERT INTO invoicing_billdelivery
    (invoice_id, account_id, run_id, channel, state, address, language, post_code, route, sent_at)
SELECT i.id, i.account_id, i.run_id, w.kind, CASE w.kind WHEN 'PORTAL' THEN 'SENT' ELSE 'WAITING' END,
       w.address, w.language, w.post_code, w.route, CASE w.kind WHEN 'PORTAL' THEN %(at)s::timestamptz END
FROM invoicing_invoice i
CROSS JOIN LATERAL (SELECT * FROM subscribers_billway b WHERE b.account_id = i.account_id) AS w
WHERE i.run_id = %(run)s AND i.account_id BETWEEN %(lo)s AND %(hi)s AND i.state = 'POSTED'
ORDER BY i.account_id, w.kind
ON CONFLICT (invoice_id, channel) WHERE state <> 'RESENT' AND credit_note_id IS NULL DO NOTHING
