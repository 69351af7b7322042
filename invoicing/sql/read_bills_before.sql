-- Purpose: what the accounts between two ids were billed for the period before, tax included.
-- Parameters: cycle, lo, hi, start (first day of the billed period).
-- Invariant: one row for each account that had a bill ending where this period begins.
SELECT i.account_id, sum(i.gross_minor)::bigint
FROM invoicing_invoice i
JOIN subscribers_account a ON a.id = i.account_id AND a.cycle_id = %(cycle)s
WHERE i.account_id BETWEEN %(lo)s AND %(hi)s AND i.period_until = %(start)s AND i.state <> 'CANCELLED'
GROUP BY i.account_id
