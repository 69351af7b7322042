-- Purpose: the bills of a run that are many times the middle one, largest first.
-- Parameters: run, before (first day of the period before, or null), listed (how many), times.
-- Invariant: the same rows give the same list.
SELECT i.id, a.number, i.frozen ->> 'name', i.gross_minor, b.gross_minor, i.language
FROM invoicing_invoice i
JOIN subscribers_account a ON a.id = i.account_id
LEFT JOIN invoicing_invoice b
    ON b.account_id = i.account_id AND b.period_from = %(before)s::date AND b.state <> 'CANCELLED'
CROSS JOIN (
    SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY gross_minor) AS middle
    FROM invoicing_invoice WHERE run_id = %(run)s AND state <> 'CANCELLED' AND gross_minor > 0
) m
WHERE i.run_id = %(run)s AND i.state <> 'CANCELLED' AND i.gross_minor > m.middle * %(times)s
ORDER BY i.gross_minor DESC, i.account_id
LIMIT %(listed)s
