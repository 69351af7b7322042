-- Purpose: what bills charged for other providers, by account of the books and day of issue.
-- Parameters: first and until (days of issue, half-open; null is without bound).
-- Invariant: these are the sums of the posted lines of their items (check_books).
SELECT a.code, a.currency, e.posted_on, count(DISTINCT e.id)::bigint, sum(-l.amount_minor)::bigint
FROM ledger_account a
JOIN ledger_line l ON l.account_id = a.id
JOIN ledger_entry e ON e.id = l.entry_id
WHERE a.kind = 'REVENUE' AND starts_with(a.code, 'PROVIDER:')
  AND (%(first)s::date IS NULL OR e.posted_on >= %(first)s) AND (%(until)s::date IS NULL OR e.posted_on < %(until)s)
GROUP BY a.code, a.currency, e.posted_on
ORDER BY e.posted_on DESC, a.code
