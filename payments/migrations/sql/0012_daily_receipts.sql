-- Facts as the summaries hold them: the same words for adding up, for reading what came after, and for the proof.
CREATE VIEW payments_books_facts AS
SELECT e.id AS entry_id, p.entry_id AS posting_entry_id, e.posted_on AS day,
       coalesce(a.centre_id, 0) AS centre_id,
       CASE WHEN a.id IS NULL THEN s.ledger_account_id ELSE 0 END AS ledger_account_id,
       coalesce(o.source_type, e.source_type) AS document,
       e.reverses_id IS NOT NULL AS is_reversal,
       CASE WHEN p.n = 1 THEN 1 ELSE 0 END AS entry_count,
       p.currency, s.debit_minor, s.credit_minor
FROM ledger_entry e
JOIN ledger_posting p ON p.entry_id = e.id
LEFT JOIN ledger_entry o ON o.id = e.reverses_id
CROSS JOIN LATERAL (VALUES (p.debit_id, p.amount_minor, 0), (p.credit_id, 0, p.amount_minor))
    AS s (ledger_account_id, debit_minor, credit_minor)
LEFT JOIN subscribers_account a ON a.ledger_account_id = s.ledger_account_id;

CREATE VIEW payments_received_facts AS
SELECT p.id, p.posted_on AS day, p.received_at AS at, coalesce(a.centre_id, 0) AS centre_id, p.channel,
       coalesce(p.network_id, 0) AS network_id, p.amount_currency AS currency,
       1 AS payment_count, p.amount_minor, 0 AS reversal_count, 0 AS reversed_minor
FROM payments_payment p
LEFT JOIN subscribers_account a ON a.id = p.account_id;

CREATE VIEW payments_reversed_facts AS
SELECT r.id, r.posted_on AS day, r.reversed_at AS at, coalesce(a.centre_id, 0) AS centre_id, p.channel,
       coalesce(p.network_id, 0) AS network_id, p.amount_currency AS currency,
       0 AS payment_count, 0 AS amount_minor, 1 AS reversal_count, p.amount_minor AS reversed_minor
FROM payments_paymentreversal r
JOIN payments_payment p ON p.id = r.payment_id
LEFT JOIN subscribers_account a ON a.id = p.account_id;

INSERT INTO payments_summarymark (code, last_id) VALUES ('BOOKS', 0), ('PAYMENTS', 0), ('REVERSALS', 0);
REVOKE ALL ON payments_summarymark, payments_booksday, payments_receiptday FROM saldo_app;
GRANT SELECT, UPDATE (last_id, totalled_at) ON payments_summarymark TO saldo_app;
GRANT SELECT, INSERT, UPDATE ON payments_booksday, payments_receiptday TO saldo_app;
REVOKE ALL ON payments_books_facts, payments_received_facts, payments_reversed_facts FROM saldo_app;
GRANT SELECT ON payments_books_facts, payments_received_facts, payments_reversed_facts TO saldo_app;

-- reverse --
DROP VIEW payments_reversed_facts;
DROP VIEW payments_received_facts;
DROP VIEW payments_books_facts;
