-- Purpose: the direct debit that each return takes back, and its amount.
-- Parameters: lines (ids of returns).
-- Invariant: a pair only where the return names the order, by its end-to-end reference, its payment stands, and the amount
-- fits with or without the bank's charge. An order's name is given once, so there is one at most.
SELECT r.id, i.id, i.amount_minor
FROM reconciliation_statementline r
JOIN payments_payment p ON p.channel = 'DEBIT' AND p.key = r.end_to_end
JOIN payments_debititem i ON i.payment_id = p.id AND i.state = 'PAID'
WHERE r.id = ANY (%(lines)s) AND r.end_to_end <> ''
  AND p.amount_minor <= -r.amount_minor AND p.amount_minor * 2 >= -r.amount_minor
  AND NOT EXISTS (SELECT FROM payments_paymentreversal v WHERE v.payment_id = p.id)
ORDER BY r.id
