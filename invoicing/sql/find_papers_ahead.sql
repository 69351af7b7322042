-- Purpose: posted invoices of a run whose papers are made ahead: their subscribers get them by e-mail.
-- Parameters: run.
-- Invariant: every other paper can be made at any time from the same frozen rows.
SELECT i.id
FROM invoicing_invoice i
JOIN subscribers_account a ON a.id = i.account_id
JOIN subscribers_subscriber s ON s.id = a.subscriber_id
WHERE i.run_id = %(run)s AND i.state = 'POSTED' AND s.email <> ''
ORDER BY i.account_id
