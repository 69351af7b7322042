-- Purpose: number a chunk's drafts in the order of accounts, make them posted, and return what the books need of each.
-- Parameters: run, lo, hi (accounts), first (number), prefix, digits.
-- Invariant: the number depends on the run and the account alone; lines are summed, not trusted: whoever posts compares.
WITH draft AS MATERIALIZED (
    SELECT i.id, row_number() OVER (ORDER BY i.account_id) - 1 + %(first)s AS number
    FROM invoicing_invoice i
    WHERE i.run_id = %(run)s AND i.account_id BETWEEN %(lo)s AND %(hi)s AND i.state = 'DRAFT'
),
numbered AS (
    UPDATE invoicing_invoice i
    SET state = 'POSTED',
        number = %(prefix)s || lpad(d.number::text, greatest(length(d.number::text), %(digits)s), '0')
    FROM draft d
    WHERE i.id = d.id
    RETURNING i.id, i.account_id, i.number, i.net_minor, i.gross_minor
),
income AS (
    SELECT s.invoice_id, array_agg(s.bill_item_id ORDER BY s.bill_item_id) AS items,
        array_agg(s.net_minor ORDER BY s.bill_item_id) AS nets
    FROM (
        SELECT l.invoice_id, l.bill_item_id, sum(l.net_minor)::bigint AS net_minor
        FROM draft d JOIN invoicing_invoiceline l ON l.invoice_id = d.id
        GROUP BY l.invoice_id, l.bill_item_id
    ) s
    GROUP BY s.invoice_id
),
duty AS (
    SELECT s.invoice_id, array_agg(s.tax_category_id ORDER BY s.tax_category_id) AS categories,
        array_agg(s.tax_minor ORDER BY s.tax_category_id) AS taxes
    FROM (
        SELECT t.invoice_id, t.tax_category_id, sum(t.tax_minor)::bigint AS tax_minor
        FROM draft d JOIN invoicing_invoicetax t ON t.invoice_id = d.id
        GROUP BY t.invoice_id, t.tax_category_id
    ) s
    GROUP BY s.invoice_id
)
SELECT n.number, n.gross_minor, a.ledger_account_id, i.items, i.nets, d.categories, d.taxes
FROM numbered n
JOIN subscribers_account a ON a.id = n.account_id
LEFT JOIN income i ON i.invoice_id = n.id
LEFT JOIN duty d ON d.invoice_id = n.id
ORDER BY n.account_id
