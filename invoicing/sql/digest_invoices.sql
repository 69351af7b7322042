-- Purpose: the invoices of a run as text, ids left out.
-- Parameters: run.
-- Invariant: equal results give equal rows in equal order.
SELECT concat_ws(
    '|', i.account_id, i.state, i.number, i.period_from, i.period_until, i.issued_on, i.due_on, i.currency, i.language,
    i.net_minor, i.tax_minor, i.gross_minor, i.frozen
)
FROM invoicing_invoice i
WHERE i.run_id = %(run)s
ORDER BY i.account_id
