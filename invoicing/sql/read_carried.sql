-- Purpose: what others' bills say that accounts pay, and no bill of these has yet.
-- Parameters: cycle, lo, hi, only (ids, or null for all).
-- Invariant: what a draft carries does not count before it is posted; what is billed is not read.
SELECT
    i.account_id, c.payer_id, l.bill_item_id, (l.explanation ->> 'share_ppm')::bigint, b.number, a.number,
    l.subscription_id, l.bill_item_id, l.tax_category_id, (l.tax_percent * 10000)::bigint, l.includes_tax,
    c.sign * (l.explanation ->> 'base_minor')::bigint,
    -c.sign * CASE WHEN l.includes_tax THEN l.gross_minor ELSE l.net_minor END,
    c.id, l.period_from, l.period_until, l.service
FROM invoicing_carriedcharge c
JOIN subscribers_account a ON a.id = c.payer_id AND a.cycle_id = %(cycle)s
JOIN invoicing_invoice i ON i.id = c.invoice_id AND i.number IS NOT NULL
JOIN invoicing_invoiceline l ON l.invoice_id = c.invoice_id AND l.n = c.n
JOIN subscribers_account b ON b.id = i.account_id
WHERE c.payer_id BETWEEN %(lo)s AND %(hi)s AND (%(only)s::bigint[] IS NULL OR c.payer_id = ANY (%(only)s))
  AND NOT EXISTS (SELECT FROM invoicing_carriedbilling k WHERE k.carried_id = c.id)
ORDER BY c.payer_id, c.id
