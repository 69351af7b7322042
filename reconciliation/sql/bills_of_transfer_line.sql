-- Purpose: the bills and credit notes behind a line of a revenue transfer, in the order of their numbers.
-- Parameters: first_on, until_on (half-open), after, through (entries), role, kind, item of the line.
-- Invariant: their sum is the line's amount, with the sign of the side that it is on; as in sum_revenue.
WITH entries AS (
    SELECT e.source_type, e.source_id
    FROM ledger_entry e
    WHERE e.posted_on >= %(first_on)s AND e.posted_on < %(until_on)s AND e.id > %(after)s AND e.id <= %(through)s
      AND e.source_type IN ('INVOICE', 'CREDIT_NOTE')
), documents AS (
    SELECT 'INVOICE' AS document, i.id, i.number, i.account_id, i.issued_on, l.kind AS line_kind, l.bill_item_id,
           l.tax_category_id, l.net_minor, l.tax_minor
    FROM entries e
    JOIN invoicing_invoice i ON i.number = e.source_id
    JOIN invoicing_invoiceline l ON l.invoice_id = i.id
    WHERE e.source_type = 'INVOICE'
    UNION ALL
    SELECT 'CREDIT_NOTE', n.id, n.number, n.account_id, n.issued_on, 'CREDIT_NOTE', l.bill_item_id,
           l.tax_category_id, l.net_minor, l.tax_minor
    FROM entries e
    JOIN invoicing_creditnote n ON n.number = e.source_id
    JOIN invoicing_creditnoteline l ON l.credit_note_id = n.id
    WHERE e.source_type = 'CREDIT_NOTE'
)
SELECT d.document, d.id, d.number, a.number, d.issued_on,
       sum(CASE WHEN %(role)s = 'TAX' THEN d.tax_minor ELSE d.net_minor END)::bigint
FROM documents d
JOIN subscribers_account a ON a.id = d.account_id
JOIN tariffs_billitem b ON b.id = d.bill_item_id AND b.kind = %(kind)s
JOIN tariffs_taxcategory t ON t.id = d.tax_category_id
WHERE CASE
    WHEN %(role)s = 'TAX' THEN t.code = %(item)s
    ELSE b.code = %(item)s AND %(role)s = CASE
        WHEN d.line_kind = 'ROUNDING' THEN 'ROUNDING'
        WHEN b.provider_id IS NOT NULL AND d.line_kind <> 'CREDIT_NOTE' THEN 'PROVIDER'
        WHEN d.line_kind IN ('DISCOUNT', 'PROMOTION', 'BONUS') THEN 'DISCOUNT'
        ELSE 'REVENUE'
    END
END
GROUP BY d.document, d.id, d.number, a.number, d.issued_on
HAVING sum(CASE WHEN %(role)s = 'TAX' THEN d.tax_minor ELSE d.net_minor END) <> 0
ORDER BY d.number
