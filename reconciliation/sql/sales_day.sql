-- The sales of the centres on a day: at the price of the day, as they were booked, and what the till has of them.
-- Parameters: day, centre_id (or null for all).
-- Invariant: a receipt, by the number printed on it, is of one centre and counts once, with what was paid on it and not
-- taken back.
WITH sales AS (
    SELECT m.centre_id, m.quantity, m.quantity * m.price_minor AS booked_minor, m.quantity * p.price_minor AS due_minor,
           m.receipt
    FROM reconciliation_supplymove m
    LEFT JOIN LATERAL (
        SELECT price_minor FROM reconciliation_supplyprice
        WHERE item_id = m.item_id AND valid_from <= m.moved_on ORDER BY valid_from DESC LIMIT 1
    ) p ON true
    WHERE m.kind = 'SOLD' AND m.moved_on = %(day)s AND (%(centre_id)s::bigint IS NULL OR m.centre_id = %(centre_id)s)
), receipts AS (
    SELECT s.centre_id, s.receipt, (
        SELECT coalesce(sum(p.amount_minor), 0)
        FROM payments_tillreceipt t
        JOIN payments_till l ON l.id = t.till_id AND l.centre_id = s.centre_id
        JOIN payments_receiptpart h ON h.receipt_id = t.id
        JOIN payments_payment p ON p.id = h.payment_id
        WHERE t.number = s.receipt AND t.kind = 'PAYMENT'
          AND NOT EXISTS (SELECT 1 FROM payments_paymentreversal r WHERE r.payment_id = p.id)
    ) AS paid_minor
    FROM (SELECT DISTINCT centre_id, receipt FROM sales WHERE receipt <> '') s
)
SELECT c.code, c.names::text, sum(s.quantity), coalesce(sum(s.due_minor), 0)::bigint, sum(s.booked_minor)::bigint,
       (SELECT coalesce(sum(r.paid_minor), 0)::bigint FROM receipts r WHERE r.centre_id = c.id)
FROM sales s JOIN identity_servicecentre c ON c.id = s.centre_id
GROUP BY c.id, c.code, c.names
ORDER BY c.code
