-- Purpose: what bills, credit notes and payments moved on subscribers' accounts of some centres in some days: entry, day of the
--     books, document, whether it is turned back, key of the document, bill, account, its centre, debits less credits.
-- Parameters: first, last (days, both included), currency, centres (of the accounts), documents (kinds, of what is turned back
--     that of the document itself).
-- Invariant: the sums of the documents are those of books_of_days for the same days and centres.
WITH sides AS (
    SELECT p.entry_id, a.id AS account_id, a.number AS account_number, a.centre_id, p.amount_minor AS minor
    FROM subscribers_account a
    JOIN ledger_posting p ON p.debit_id = a.ledger_account_id
    WHERE a.centre_id = ANY (%(centres)s) AND p.currency = %(currency)s
    UNION ALL
    SELECT p.entry_id, a.id, a.number, a.centre_id, -p.amount_minor
    FROM subscribers_account a
    JOIN ledger_posting p ON p.credit_id = a.ledger_account_id
    WHERE a.centre_id = ANY (%(centres)s) AND p.currency = %(currency)s
), documents AS (
    SELECT e.id, e.posted_on, coalesce(o.source_type, e.source_type) AS document, e.reverses_id IS NOT NULL AS is_reversal,
           coalesce(o.source_id, e.source_id) AS source_id, s.account_number, s.centre_id, sum(s.minor)::bigint AS minor
    FROM sides s
    JOIN ledger_entry e ON e.id = s.entry_id AND e.posted_on BETWEEN %(first)s AND %(last)s
    LEFT JOIN ledger_entry o ON o.id = e.reverses_id
    GROUP BY e.id, e.posted_on, document, is_reversal, coalesce(o.source_id, e.source_id), s.account_id, s.account_number,
             s.centre_id
)
SELECT d.id, d.posted_on, d.document, d.is_reversal, d.source_id, i.id, d.account_number, d.centre_id, d.minor
FROM documents d
LEFT JOIN invoicing_invoice i ON d.document = 'INVOICE' AND i.number = d.source_id
WHERE d.document = ANY (%(documents)s)
ORDER BY d.id DESC, d.account_number
