-- Purpose: one row for each way on which posted credit notes go out: the ways that their bills took.
-- Parameters: notes (ids), at.
-- Invariant: a note has one living row for a way, however often this is done. A note goes where its bill went or will
-- go, to the address of today; where the bill came back, or nobody handed it out, on the account's ways of today. Of a
-- bill that is taken back whole before it went anywhere nobody is told. Mail is due at once; on paper a note goes with
-- the next print batch of its bill's run.
WITH notes AS (
    SELECT c.id, c.account_id, c.invoice_id, i.run_id, c.kind, r.state AS run_state,
           EXISTS (
               SELECT FROM invoicing_billdelivery d WHERE d.invoice_id = c.invoice_id AND d.credit_note_id IS NULL
           ) AS has_ways,
           EXISTS (
               SELECT FROM invoicing_billdelivery d
               WHERE d.invoice_id = c.invoice_id AND d.credit_note_id IS NULL AND d.state IN ('BOUNCED', 'FAILED')
           ) AS came_back
    FROM invoicing_creditnote c
    JOIN invoicing_invoice i ON i.id = c.invoice_id
    JOIN invoicing_billrun r ON r.id = i.run_id
    WHERE c.id = ANY (%(notes)s) AND c.state = 'POSTED'
), taken AS (
    SELECT n.id, d.channel AS kind, coalesce(w.address, d.address) AS address, d.language,
           coalesce(w.post_code, d.post_code) AS post_code, coalesce(w.route, d.route) AS route
    FROM notes n
    JOIN invoicing_billdelivery d ON d.invoice_id = n.invoice_id AND d.credit_note_id IS NULL
    LEFT JOIN subscribers_billway w ON w.account_id = n.account_id AND w.kind = d.channel
    WHERE d.state IN ('WAITING', 'SENDING', 'SENT', 'VIEWED', 'PRINTED', 'RECALLED')
      AND NOT EXISTS (
          SELECT FROM subscribers_deliverychannel b
          WHERE b.account_id = n.account_id AND b.bounced_at IS NOT NULL AND d.channel = 'E_MAIL'
      )
), usual AS (
    SELECT n.id, w.kind, w.address, w.language, w.post_code, w.route
    FROM notes n
    JOIN subscribers_billway w ON w.account_id = n.account_id
    WHERE NOT EXISTS (SELECT FROM taken t WHERE t.id = n.id)
      AND CASE
              WHEN n.kind = 'CORRECTION' THEN true
              WHEN n.has_ways THEN n.came_back
              ELSE n.kind = 'CANCELLATION' AND n.run_state NOT IN ('POSTED', 'DELIVERING')
          END
)
INSERT INTO invoicing_billdelivery
    (invoice_id, credit_note_id, account_id, run_id, channel, state, address, language, post_code, route, due_at,
     sent_at)
SELECT n.invoice_id, n.id, n.account_id, n.run_id, w.kind, CASE w.kind WHEN 'PORTAL' THEN 'SENT' ELSE 'WAITING' END,
       w.address, w.language, w.post_code, w.route, CASE w.kind WHEN 'E_MAIL' THEN %(at)s::timestamptz END,
       CASE w.kind WHEN 'PORTAL' THEN %(at)s::timestamptz END
FROM notes n
JOIN (SELECT * FROM taken UNION ALL SELECT * FROM usual) AS w ON w.id = n.id
ORDER BY n.account_id, n.id, w.kind
ON CONFLICT (credit_note_id, channel) WHERE state <> 'RESENT' AND credit_note_id IS NOT NULL DO NOTHING
