-- Purpose: what is left of posted bills after the credit notes posted for them, with what a credit note copies of them.
-- Parameters: invoices (ids; the caller holds them locked).
-- Invariant: a bill and all its posted credit notes make what is left; zero is left of a bill taken back whole.
SELECT i.id, i.account_id, i.number, i.issued_on, i.currency, i.currency_digits, i.language, i.frozen,
    i.net_minor + coalesce(c.net_minor, 0), i.tax_minor + coalesce(c.tax_minor, 0)
FROM invoicing_invoice i
LEFT JOIN LATERAL (
    SELECT sum(n.net_minor)::bigint AS net_minor, sum(n.tax_minor)::bigint AS tax_minor
    FROM invoicing_creditnote n WHERE n.invoice_id = i.id AND n.state = 'POSTED'
) c ON true
WHERE i.id = ANY (%(invoices)s) AND i.state = 'POSTED'
ORDER BY i.id
