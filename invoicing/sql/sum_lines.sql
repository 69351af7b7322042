-- Purpose: what some invoices earn, by bill item, in the order of invoices and items.
-- Parameters: invoices (ids).
-- Invariant: lines are summed, not trusted: whoever posts compares.
SELECT l.invoice_id, l.bill_item_id, sum(l.net_minor)::bigint
FROM invoicing_invoiceline l
WHERE l.invoice_id = ANY (%(invoices)s)
GROUP BY l.invoice_id, l.bill_item_id
ORDER BY l.invoice_id, l.bill_item_id
