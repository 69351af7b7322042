-- Purpose: what the bills and credit notes of a period earn, from their lines and from the books, to be compared.
-- Parameters: first_on, until_on (half-open), after, through (ids of entries: after one, up to the other).
-- Invariant: each line is in one section, that of the accounting class that holds what its kind of service owes.
-- Result: 'LINE', section, role, kind, item, code of the books, net, documents; 'TAX', section, 'TAX', kind, category, code
-- of the books, tax, documents; 'BILLS', section, '', '', '', '', 0, documents; 'BOOKS', '', '', '', '', code, credited less
-- debited, 0.
WITH named AS MATERIALIZED (
    SELECT l.*, coalesce(c.section, '') AS section
    FROM reconciliation_earnedline l
    LEFT JOIN reconciliation_classsource s ON s.measure = 'RECEIVABLE' AND s.kind = l.kind AND s.item = ''
    LEFT JOIN reconciliation_accountingclass c ON c.id = s.accounting_class_id
    WHERE l.posted_on >= %(first_on)s AND l.posted_on < %(until_on)s
      AND l.entry_id > %(after)s AND l.entry_id <= %(through)s
)
SELECT 'LINE', section, role, kind, item, book_code, sum(net_minor)::bigint, count(DISTINCT entry_id)
FROM named GROUP BY section, role, kind, item, book_code
UNION ALL
SELECT 'TAX', section, 'TAX', kind, tax_code, 'TAX:' || tax_code, sum(tax_minor)::bigint, count(DISTINCT entry_id)
FROM named GROUP BY section, kind, tax_code
UNION ALL
SELECT 'BILLS', section, '', '', '', '', 0, count(DISTINCT entry_id) FROM named GROUP BY section
UNION ALL
SELECT 'BOOKS', '', '', '', '', a.code, sum(s.minor)::bigint, 0
FROM ledger_entry e
JOIN ledger_posting p ON p.entry_id = e.id
CROSS JOIN LATERAL (VALUES (p.credit_id, p.amount_minor), (p.debit_id, -p.amount_minor)) AS s (account_id, minor)
JOIN ledger_account a ON a.id = s.account_id AND a.kind <> 'SUBSCRIBER'
WHERE e.posted_on >= %(first_on)s AND e.posted_on < %(until_on)s AND e.id > %(after)s AND e.id <= %(through)s
  AND e.source_type IN ('INVOICE', 'CREDIT_NOTE')
GROUP BY a.code
