-- Purpose: the lines of a run's invoices as text, ids of invoices left out.
-- Parameters: run.
-- Invariant: equal results give equal rows in equal order.
SELECT concat(i.account_id, '|', to_jsonb(l) - 'invoice_id')
FROM invoicing_invoice i
JOIN invoicing_invoiceline l ON l.invoice_id = i.id
WHERE i.run_id = %(run)s
ORDER BY i.account_id, l.n
