-- Purpose: give credit notes that cancel bills the negation of all that is left of the lines of their bills.
-- Parameters: notes (ids of credit notes that wait, without lines).
-- Invariant: with the credit notes posted before, every line of the bill comes to nothing.
INSERT INTO invoicing_creditnoteline (
    credit_note_id, n, invoice_id, invoice_n, bill_item_id, subscription_id, service, net_minor, tax_minor,
    gross_minor, tax_category_id, tax_percent
)
SELECT c.id, row_number() OVER (PARTITION BY c.id ORDER BY l.n), l.invoice_id, l.n, l.bill_item_id, l.subscription_id,
    l.service, -s.net_minor, -s.tax_minor, -(s.net_minor + s.tax_minor), l.tax_category_id, l.tax_percent
FROM invoicing_creditnote c
JOIN invoicing_invoiceline l ON l.invoice_id = c.invoice_id
LEFT JOIN LATERAL (
    SELECT sum(p.net_minor)::bigint AS net_minor, sum(p.tax_minor)::bigint AS tax_minor
    FROM invoicing_creditnoteline p
    JOIN invoicing_creditnote n ON n.id = p.credit_note_id AND n.state = 'POSTED'
    WHERE p.invoice_id = l.invoice_id AND p.invoice_n = l.n
) t ON true
CROSS JOIN LATERAL (
    SELECT l.net_minor + coalesce(t.net_minor, 0) AS net_minor, l.tax_minor + coalesce(t.tax_minor, 0) AS tax_minor
) s
WHERE c.id = ANY (%(notes)s) AND (s.net_minor, s.tax_minor) <> (0, 0)
