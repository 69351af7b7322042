-- A network's day for the workbook bench: payments with their entries in the books, and a register that agrees with all.
-- Parameters: payments, day, secret (the network's key, sealed).
-- Invariant: the day's check is AGREED; every payment has one entry of one posting.
INSERT INTO ledger_account (code, kind, currency) VALUES ('CLEARING:TERMINAL:bench', 'CLEARING', 'AMD'), ('SUSPENSE:AMD', 'SUSPENSE', 'AMD');
INSERT INTO payments_terminalnetwork
    (code, name, dialect, partner_id, addresses, secret, next_secret, clearing_account_id, minimum_minor, maximum_minor, register_due_minute, register_map, is_active)
SELECT 'bench', 'Bench', 'OSMP', '', '{}', %(secret)s, '', id, 1, 1000000, 600, '{}', true FROM ledger_account WHERE code = 'CLEARING:TERMINAL:bench';
INSERT INTO payments_payment (
    channel, key, request_hash, network_id, network_txn_id, account_number, amount_currency, amount, amount_minor,
    state, suspense_reason, received_at, posted_on, answer
)
SELECT 'TERMINAL', 'bench:' || n, md5(n::text), t.id, n::text, lpad(n::text, 9, '0'), 'AMD', 100 + n %% 9000, 100 + n %% 9000,
       'SUSPENSE', 'ACCOUNT_CLOSED', %(day)s::date + interval '5 hours' + n * interval '80 milliseconds', %(day)s, '{}'
FROM payments_terminalnetwork t, generate_series(1, %(payments)s) AS n;
INSERT INTO ledger_entry (source_type, source_id, posted_on, actor, reason)
SELECT 'PAYMENT', id::text, posted_on, 'bench', '' FROM payments_payment ORDER BY id;
INSERT INTO ledger_posting (entry_id, n, debit_id, credit_id, currency, amount_minor)
SELECT e.id, 1, t.clearing_account_id, s.id, 'AMD', p.amount_minor
FROM payments_payment p
JOIN ledger_entry e ON e.source_type = 'PAYMENT' AND e.source_id = p.id::text
CROSS JOIN payments_terminalnetwork t
JOIN ledger_account s ON s.code = 'SUSPENSE:AMD';
INSERT INTO documents_storedfile (sha256, size_bytes, content_type) VALUES ('bench', 0, 'text/csv');
INSERT INTO reconciliation_terminalregister (network_id, day, name, content_id, line_count, amount_minor, copies)
SELECT t.id, %(day)s, 'bench.csv', f.id, count(*), sum(p.amount_minor), '{}'
FROM payments_terminalnetwork t, documents_storedfile f, payments_payment p GROUP BY t.id, f.id;
INSERT INTO reconciliation_terminalregisterline (register_id, line_number, txn_id, account_number, amount_minor)
SELECT r.id, p.id, p.network_txn_id, p.account_number, p.amount_minor FROM reconciliation_terminalregister r, payments_payment p;
