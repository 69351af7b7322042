-- Purpose: what bills that are taken back charged for other accounts waits for the payer's next bill.
-- Parameters: invoices (ids of bills that are posted still).
-- Invariant: what was carried onto them before waits again by itself; what waits to be given back for the same line is
-- settled with it.
WITH freed AS (
    SELECT i.account_id AS payer_id, o.id AS invoice_id, k.n, o.state
    FROM invoicing_invoice i
    JOIN invoicing_invoiceline l ON l.invoice_id = i.id AND l.kind = 'TAKEN_ON'
    JOIN subscribers_account a ON a.id = i.account_id
    JOIN subscribers_account b ON b.number = l.explanation ->> 'account'
    JOIN invoicing_invoice o ON o.run_id = i.run_id AND o.account_id = b.id AND o.number IS NOT NULL
    JOIN invoicing_invoiceline k
        ON k.invoice_id = o.id AND k.kind = 'TAKEN_OVER' AND k.explanation ->> 'payer' = a.number
        AND k.subscription_id IS NOT DISTINCT FROM l.subscription_id AND k.bill_item_id = l.bill_item_id
        AND k.tax_category_id = l.tax_category_id AND k.tax_percent = l.tax_percent
        AND k.includes_tax = l.includes_tax
    WHERE i.id = ANY (%(invoices)s)
      AND NOT EXISTS (SELECT FROM invoicing_carriedbilling c WHERE c.invoice_id = l.invoice_id AND c.n = l.n)
), settled AS (
    DELETE FROM invoicing_carriedcharge c
    USING freed f
    WHERE c.invoice_id = f.invoice_id AND c.n = f.n AND c.sign = -1
      AND NOT EXISTS (SELECT FROM invoicing_carriedbilling k WHERE k.carried_id = c.id)
    RETURNING c.invoice_id, c.n
)
INSERT INTO invoicing_carriedcharge (payer_id, invoice_id, n, sign)
SELECT f.payer_id, f.invoice_id, f.n, 1
FROM freed f
WHERE NOT EXISTS (SELECT FROM settled s WHERE s.invoice_id = f.invoice_id AND s.n = f.n)
ORDER BY f.invoice_id, f.n
