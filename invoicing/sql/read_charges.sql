-- Purpose: one-off charges of a chunk's accounts up to the end of the period that wait for a bill.
-- Parameters: cycle, lo, hi, until (exclusive end of the period).
-- Invariant: what a living bill has taken is not read; what is late is on the next bill.
SELECT c.account_id, c.subscription_id, c.bill_item_id, c.price_micro, c.quantity, c.charged_on, c.id
FROM invoicing_oneoffcharge c
JOIN subscribers_account a ON a.id = c.account_id AND a.cycle_id = %(cycle)s
WHERE c.account_id BETWEEN %(lo)s AND %(hi)s AND c.state = 'READY' AND c.charged_on < %(until)s
  AND NOT EXISTS (SELECT FROM invoicing_chargebilling b WHERE b.charge_id = c.id)
ORDER BY c.account_id, c.charged_on, c.id
