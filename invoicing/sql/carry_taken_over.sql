-- Purpose: what bills that are taken back said that others pay is given back to these on their next bills.
-- Parameters: invoices (ids of bills that are posted still).
-- Invariant: what no bill of the payer has yet is not given back: it does not wait any more.
WITH lost AS (
    SELECT a.id AS payer_id, l.invoice_id, l.n
    FROM invoicing_invoiceline l
    JOIN subscribers_account a ON a.number = l.explanation ->> 'payer'
    WHERE l.invoice_id = ANY (%(invoices)s) AND l.kind = 'TAKEN_OVER'
), settled AS (
    DELETE FROM invoicing_carriedcharge c
    USING lost t
    WHERE c.invoice_id = t.invoice_id AND c.n = t.n AND c.sign = 1
      AND NOT EXISTS (SELECT FROM invoicing_carriedbilling k WHERE k.carried_id = c.id)
    RETURNING c.invoice_id, c.n
)
INSERT INTO invoicing_carriedcharge (payer_id, invoice_id, n, sign)
SELECT t.payer_id, t.invoice_id, t.n, -1
FROM lost t
WHERE NOT EXISTS (SELECT FROM settled s WHERE s.invoice_id = t.invoice_id AND s.n = t.n)
ORDER BY t.invoice_id, t.n
