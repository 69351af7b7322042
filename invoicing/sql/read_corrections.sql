-- Purpose: what re-ratings changed of usage billed before, of a chunk's accounts, that no living invoice has billed; in no order.
-- Parameters: cycle, lo, hi, only (ids, or null for all), usage_through (first day of the last bill period billed).
-- Invariant: bounded as usage is (read_usage): an invoice bills every correction up to its own period. What comes to nothing is no line.
SELECT
    c.account_id, c.subscription_id, c.bill_period, c.bill_item_id, c.record_count, c.duration_seconds,
    c.charged_units, c.allowance_units, c.amount_micro, c.corrects
FROM rating_correctiontotal c
JOIN subscribers_account a ON a.id = c.account_id AND a.cycle_id = %(cycle)s
WHERE c.account_id BETWEEN %(lo)s AND %(hi)s
  AND (%(only)s::bigint[] IS NULL OR c.account_id = ANY (%(only)s)) AND c.bill_period <= %(usage_through)s AND c.amount_micro <> 0
  AND NOT EXISTS (
      SELECT FROM invoicing_invoice i
      WHERE i.account_id = c.account_id AND i.period_until > c.bill_period AND NOT (i.state = 'CANCELLED')
  )
