-- The sales of a day that are not as they should be: another price than that of the day, or a receipt that does not fit.
-- Parameters: day, centre_id (or null for all).
-- Invariant: where no sale is named, the three sums of sales_day are equal.
WITH sales AS (
    SELECT m.id, m.centre_id, m.item_id, m.sheet_id, m.row, m.first_number, m.quantity, m.receipt,
           m.price_minor AS taken_minor, p.price_minor AS due_minor
    FROM reconciliation_supplymove m
    LEFT JOIN LATERAL (
        SELECT price_minor FROM reconciliation_supplyprice
        WHERE item_id = m.item_id AND valid_from <= m.moved_on ORDER BY valid_from DESC LIMIT 1
    ) p ON true
    WHERE m.kind = 'SOLD' AND m.moved_on = %(day)s AND (%(centre_id)s::bigint IS NULL OR m.centre_id = %(centre_id)s)
), receipts AS (
    SELECT s.centre_id, s.receipt, s.booked_minor, (
        SELECT sum(p.amount_minor)
        FROM payments_tillreceipt t
        JOIN payments_till l ON l.id = t.till_id AND l.centre_id = s.centre_id
        JOIN payments_receiptpart h ON h.receipt_id = t.id
        JOIN payments_payment p ON p.id = h.payment_id
        WHERE t.number = s.receipt AND t.kind = 'PAYMENT'
          AND NOT EXISTS (SELECT 1 FROM payments_paymentreversal r WHERE r.payment_id = p.id)
    ) AS paid_minor
    FROM (
        SELECT centre_id, receipt, sum(quantity * taken_minor) AS booked_minor FROM sales GROUP BY centre_id, receipt
    ) s
)
SELECT f.kind, c.code, c.names::text, i.code, i.names::text, h.name, s.row, s.first_number, s.quantity, s.due_minor, s.taken_minor,
       s.receipt, r.paid_minor::bigint
FROM sales s
JOIN receipts r ON r.centre_id = s.centre_id AND r.receipt = s.receipt
JOIN identity_servicecentre c ON c.id = s.centre_id
JOIN reconciliation_supplyitem i ON i.id = s.item_id
JOIN reconciliation_supplysheet h ON h.id = s.sheet_id
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN s.due_minor IS NULL THEN 'NO_PRICE'
        WHEN s.due_minor <> s.taken_minor THEN 'OTHER_PRICE'
        WHEN r.paid_minor IS NULL THEN 'NOT_IN_TILL'
        WHEN r.paid_minor <> r.booked_minor THEN 'TILL_DIFFERS'
    END AS kind
) f
WHERE f.kind IS NOT NULL
ORDER BY c.code, h.id, s.row
