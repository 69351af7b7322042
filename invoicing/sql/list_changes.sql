-- Purpose: the bills of a run that differ most from the account's last one.
-- Parameters: run, before (first day of the period before, or null), listed (how many).
-- Invariant: the same rows give the same list.
SELECT i.id, a.number, i.frozen ->> 'name', i.gross_minor, b.gross_minor, i.language
FROM invoicing_invoice i
JOIN subscribers_account a ON a.id = i.account_id
LEFT JOIN invoicing_invoice b
    ON b.account_id = i.account_id AND b.period_from = %(before)s::date AND b.state <> 'CANCELLED'
WHERE i.run_id = %(run)s AND i.state <> 'CANCELLED' AND b.id IS NOT NULL AND b.gross_minor <> i.gross_minor
ORDER BY abs(i.gross_minor - b.gross_minor) DESC, i.account_id
LIMIT %(listed)s
