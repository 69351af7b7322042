-- Purpose: what re-ratings changed of usage billed before, of a chunk's accounts, that no living invoice has billed; in no order.
-- Parameters: cycle, lo, hi, only (ids, or null for all), usage_through (first day of the last bill period billed).
-- Invariant: bounded as usage is (read_usage): an invoice bills every correction up to its own period. What comes to nothing is no line.
-- What was on an invoice that is taken back is billed by the next one, line by line.
-- ``before_micro`` is what was charged for the same usage until then: its total as billed, and the corrections since.
WITH due AS (
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
    UNION ALL
    SELECT DISTINCT
        c.account_id, c.subscription_id, c.bill_period, c.bill_item_id, c.record_count, c.duration_seconds,
        c.charged_units, c.allowance_units, c.amount_micro, c.corrects
    FROM invoicing_invoice b
    JOIN subscribers_account a ON a.id = b.account_id AND a.cycle_id = %(cycle)s
    JOIN invoicing_invoiceline l ON l.invoice_id = b.id AND l.kind = 'CORRECTION'
    JOIN rating_correctiontotal c ON c.subscription_id = l.subscription_id AND c.bill_item_id = l.bill_item_id
        AND c.corrects = l.period_from AND c.bill_period = (l.explanation ->> 'bill_period')::date
        AND c.account_id = b.account_id
    WHERE b.state = 'CANCELLED' AND b.number IS NOT NULL AND b.account_id BETWEEN %(lo)s AND %(hi)s
      AND (%(only)s::bigint[] IS NULL OR b.account_id = ANY (%(only)s))
      AND c.bill_period <= %(usage_through)s AND c.amount_micro <> 0
      AND EXISTS (
          SELECT FROM invoicing_invoice i
          WHERE i.account_id = c.account_id AND i.period_until > c.bill_period AND NOT (i.state = 'CANCELLED')
      )
      AND NOT EXISTS (
          SELECT FROM invoicing_invoice o
          JOIN invoicing_invoiceline m ON m.invoice_id = o.id
          WHERE o.account_id = b.account_id AND NOT (o.state = 'CANCELLED') AND m.kind = 'CORRECTION'
            AND m.subscription_id = l.subscription_id AND m.period_from = l.period_from AND m.bill_item_id = l.bill_item_id
            AND m.explanation ->> 'bill_period' = l.explanation ->> 'bill_period'
      )
)
SELECT due.*, (
        SELECT coalesce(sum(t.amount_micro), 0)::bigint FROM rating_usagetotal t
        WHERE t.account_id = due.account_id AND t.bill_period = due.corrects
            AND t.subscription_id = due.subscription_id AND t.bill_item_id = due.bill_item_id
    ) + (
        SELECT coalesce(sum(e.amount_micro), 0)::bigint FROM rating_correctiontotal e
        WHERE e.account_id = due.account_id AND e.bill_period < due.bill_period AND e.corrects = due.corrects
            AND e.subscription_id = due.subscription_id AND e.bill_item_id = due.bill_item_id
    ) AS before_micro
FROM due
