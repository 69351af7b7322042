-- Purpose: what the bills and credit notes of a period earn, from their lines and from the books, to be compared.
-- Parameters: first_on, until_on (half-open), after, through (ids of entries: after one, up to the other).
-- Invariant: each line is in one section, that of the accounting class that holds what its kind of service owes.
-- Result: 'LINE', section, role, kind, item, code of the books, net, documents; 'TAX', section, 'TAX', kind, category, code
-- of the books, tax, documents; 'BILLS', section, '', '', '', '', 0, documents; 'BOOKS', '', '', '', '', code, credited less
-- debited, 0.
WITH entries AS MATERIALIZED (
    SELECT e.id, e.source_type, e.source_id
    FROM ledger_entry e
    WHERE e.posted_on >= %(first_on)s AND e.posted_on < %(until_on)s AND e.id > %(after)s AND e.id <= %(through)s
      AND e.source_type IN ('INVOICE', 'CREDIT_NOTE')
), documents AS (
    SELECT e.id AS entry_id, l.kind AS line_kind, l.bill_item_id, l.tax_category_id, l.net_minor, l.tax_minor
    FROM entries e
    JOIN invoicing_invoice i ON i.number = e.source_id
    JOIN invoicing_invoiceline l ON l.invoice_id = i.id
    WHERE e.source_type = 'INVOICE'
    UNION ALL
    SELECT e.id, 'CREDIT_NOTE', l.bill_item_id, l.tax_category_id, l.net_minor, l.tax_minor
    FROM entries e
    JOIN invoicing_creditnote n ON n.number = e.source_id
    JOIN invoicing_creditnoteline l ON l.credit_note_id = n.id
    WHERE e.source_type = 'CREDIT_NOTE'
), named AS MATERIALIZED (
    SELECT d.entry_id, d.net_minor, d.tax_minor, b.kind, b.code AS item, t.code AS tax_code, c.section,
           CASE
               WHEN d.line_kind = 'ROUNDING' THEN 'ROUNDING'
               WHEN p.code IS NOT NULL AND d.line_kind <> 'CREDIT_NOTE' THEN 'PROVIDER'
               WHEN d.line_kind IN ('DISCOUNT', 'PROMOTION', 'BONUS') THEN 'DISCOUNT'
               ELSE 'REVENUE'
           END AS role,
           CASE
               WHEN d.line_kind = 'ROUNDING' THEN 'ROUNDING'
               WHEN p.code IS NOT NULL AND d.line_kind <> 'CREDIT_NOTE' THEN 'PROVIDER:' || p.code || ':' || b.code
               ELSE 'REVENUE:' || b.kind || ':' || b.code
           END AS book_code
    FROM documents d
    JOIN tariffs_billitem b ON b.id = d.bill_item_id
    JOIN tariffs_taxcategory t ON t.id = d.tax_category_id
    LEFT JOIN tariffs_provider p ON p.id = b.provider_id
    LEFT JOIN reconciliation_classsource s ON s.measure = 'RECEIVABLE' AND s.kind = b.kind AND s.item = ''
    LEFT JOIN reconciliation_accountingclass c ON c.id = s.accounting_class_id
)
SELECT 'LINE', coalesce(section, ''), role, kind, item, book_code, sum(net_minor)::bigint, count(DISTINCT entry_id)
FROM named GROUP BY section, role, kind, item, book_code
UNION ALL
SELECT 'TAX', coalesce(section, ''), 'TAX', kind, tax_code, 'TAX:' || tax_code, sum(tax_minor)::bigint, count(DISTINCT entry_id)
FROM named GROUP BY section, kind, tax_code
UNION ALL
SELECT 'BILLS', coalesce(section, ''), '', '', '', '', 0, count(DISTINCT entry_id) FROM named GROUP BY section
UNION ALL
SELECT 'BOOKS', '', '', '', '', a.code, sum(s.minor)::bigint, 0
FROM entries e
JOIN ledger_posting p ON p.entry_id = e.id
CROSS JOIN LATERAL (VALUES (p.credit_id, p.amount_minor), (p.debit_id, -p.amount_minor)) AS s (account_id, minor)
JOIN ledger_account a ON a.id = s.account_id AND a.kind <> 'SUBSCRIBER'
GROUP BY a.code
