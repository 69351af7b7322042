-- Purpose: the bills of a run that give money back, largest first.
-- Parameters: run, before (first day of the period before, or null), listed (how many).
-- Invariant: the same rows give the same list.
SELECT i.id, a.number, i.frozen ->> 'name', i.gross_minor, b.gross_minor, i.language
FROM invoicing_invoice i
JOIN subscribers_account a ON a.id = i.account_id
LEFT JOIN invoicing_invoice b
    ON b.account_id = i.account_id AND b.period_from = %(before)s::date AND b.state <> 'CANCELLED'
WHERE i.run_id = %(run)s AND i.state <> 'CANCELLED' AND i.gross_minor < 0
ORDER BY i.gross_minor, i.account_id
LIMIT %(listed)s
