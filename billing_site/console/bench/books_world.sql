-- Purpose: what accounting says of the month that report_world.sql makes: its classes, and a file with three lines for each
--     account (owed, earned, received), one line of ten thousand with another amount.
-- Parameters: none; run after report_world.sql.
-- Invariant: opening + debit - credit = closing on every line; a class total is the sum of its lines.
INSERT INTO ledger_balance (account_id, amount_minor)
SELECT s.account_id, sum(s.minor)
FROM ledger_posting p
CROSS JOIN LATERAL (VALUES (p.debit_id, p.amount_minor), (p.credit_id, -p.amount_minor)) AS s (account_id, minor)
JOIN ledger_account a ON a.id = s.account_id AND a.kind = 'SUBSCRIBER'
GROUP BY s.account_id
ON CONFLICT (account_id) DO UPDATE SET amount_minor = excluded.amount_minor;
INSERT INTO reconciliation_accountingclass (id, code, title, measure, section) VALUES
    (1, '221.1', 'Owed, fixed', 'RECEIVABLE', 'FIXED'), (2, '221.2', 'Owed, mobile', 'RECEIVABLE', 'MOBILE'),
    (3, '523.1', 'Ahead, fixed', 'ADVANCE', 'FIXED'), (4, '523.2', 'Ahead, mobile', 'ADVANCE', 'MOBILE'),
    (5, '611.1', 'Earned, fixed', 'REVENUE', 'FIXED'), (6, '611.2', 'Earned, mobile', 'REVENUE', 'MOBILE'),
    (7, '251.1', 'Received, fixed', 'PAYMENTS', 'FIXED'), (8, '251.2', 'Received, mobile', 'PAYMENTS', 'MOBILE');
INSERT INTO reconciliation_classsource (accounting_class_id, measure, kind, item)
SELECT c.id, c.measure, k.kind, ''
FROM reconciliation_accountingclass c
JOIN (VALUES ('FIXED', 'FIXED'), ('FIXED', 'INTERNET'), ('FIXED', 'OTHER'), ('MOBILE', 'MOBILE')) AS k (section, kind) ON k.section = c.section;
INSERT INTO reconciliation_accountingmap (id, code, names, plan) VALUES (1, 'BENCH', '{}', '{}');
INSERT INTO documents_storedfile (id, sha256, size_bytes, content_type) VALUES (1, 'bench', 0, 'text/csv');
INSERT INTO reconciliation_accountingfile (id, name, layout_id, content_id, first_on, last_on, line_count)
VALUES (1, 'ledger.csv', 1, 1, '2026-02-01', '2026-02-28', 0);
WITH first_line AS (
    SELECT DISTINCT ON (account_id) account_id, kind FROM subscribers_subscription ORDER BY account_id, id
)
INSERT INTO reconciliation_accountingline
    (file_id, line_number, accounting_class_id, account_number, name, opening_minor, debit_minor, credit_minor, closing_minor)
SELECT 1, row_number() OVER (), s.class_id, a.number, '', 0, s.debit, s.credit, s.debit - s.credit
FROM subscribers_account a
JOIN first_line f ON f.account_id = a.id
CROSS JOIN LATERAL (VALUES
    (CASE f.kind WHEN 'MOBILE' THEN 2 ELSE 1 END, 6000, 5500),
    (5, 0, CASE WHEN a.id %% 10000 = 0 THEN 5001 ELSE 5000 END),
    (CASE f.kind WHEN 'MOBILE' THEN 8 ELSE 7 END, 5500, 0)
) AS s (class_id, debit, credit);
INSERT INTO reconciliation_accountingtotal
    (file_id, accounting_class_id, has_accounts, line_count, opening_minor, debit_minor, credit_minor, closing_minor)
SELECT 1, c.id, true, count(l.line_number), 0, coalesce(sum(l.debit_minor), 0), coalesce(sum(l.credit_minor), 0),
       coalesce(sum(l.closing_minor), 0)
FROM reconciliation_accountingclass c
LEFT JOIN reconciliation_accountingline l ON l.accounting_class_id = c.id
GROUP BY c.id;
