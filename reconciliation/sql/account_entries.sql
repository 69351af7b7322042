-- Purpose: what moved on an account of the books in some days, and its balance before them.
-- Parameters: account_id (of the books), first_on, until_on (half-open).
-- Invariant: opening and the entries, debits positive, make the closing balance.
-- Result: 'OPENING', nulls, balance; 'ENTRY', day, document, number, other account, amount, in the order of entries.
WITH sides AS (
    SELECT e.id, p.n, e.posted_on, e.source_type, e.source_id, p.credit_id AS other_id, p.amount_minor AS minor
    FROM ledger_posting p JOIN ledger_entry e ON e.id = p.entry_id
    WHERE p.debit_id = %(account_id)s AND e.posted_on < %(until_on)s
    UNION ALL
    SELECT e.id, p.n, e.posted_on, e.source_type, e.source_id, p.debit_id, -p.amount_minor
    FROM ledger_posting p JOIN ledger_entry e ON e.id = p.entry_id
    WHERE p.credit_id = %(account_id)s AND e.posted_on < %(until_on)s
)
SELECT what, posted_on, source_type, source_id, code, minor
FROM (
    SELECT 'OPENING' AS what, NULL::date AS posted_on, '' AS source_type, '' AS source_id, '' AS code,
           coalesce(sum(minor), 0)::bigint AS minor, 0::bigint AS id, 0 AS n
    FROM sides WHERE posted_on < %(first_on)s
    UNION ALL
    SELECT 'ENTRY', s.posted_on, s.source_type, s.source_id, a.code, s.minor, s.id, s.n
    FROM sides s JOIN ledger_account a ON a.id = s.other_id
    WHERE s.posted_on >= %(first_on)s
) AS found
ORDER BY id, n
