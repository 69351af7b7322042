-- Purpose: what some invoices owe the state, by tax category, in the order of invoices and categories.
-- Parameters: invoices (ids).
-- Invariant: taxes are summed over their rates, not trusted: whoever posts compares.
SELECT t.invoice_id, t.tax_category_id, sum(t.tax_minor)::bigint
FROM invoicing_invoicetax t
WHERE t.invoice_id = ANY (%(invoices)s)
GROUP BY t.invoice_id, t.tax_category_id
ORDER BY t.invoice_id, t.tax_category_id
