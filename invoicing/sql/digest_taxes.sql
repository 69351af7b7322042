-- Purpose: the taxes of a run's invoices as text, ids of invoices left out.
-- Parameters: run.
-- Invariant: equal results give equal rows in equal order.
SELECT concat(i.account_id, '|', to_jsonb(t) - 'invoice_id')
FROM invoicing_invoice i
JOIN invoicing_invoicetax t ON t.invoice_id = i.id
WHERE i.run_id = %(run)s
ORDER BY i.account_id, t.tax_category_id, t.tax_percent
