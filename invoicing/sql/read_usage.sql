-- Purpose: totals of usage of a chunk's accounts that no living invoice has billed, in no order.
-- Parameters: cycle, lo, hi, only (ids, or null for all), usage_from and usage_through (first days of the first and the
-- last bill period billed).
-- Invariant: an invoice bills every total up to its own period, so what lies behind the last one is billed, and nothing else
-- but what was on an invoice that is taken back: that is billed by the next one, line by line.
WITH scope AS MATERIALIZED (
    SELECT
        a.id AS account_id,
        coalesce(
            (
                SELECT max(i.period_until) FROM invoicing_invoice i
                WHERE i.account_id = a.id AND NOT (i.state = 'CANCELLED')
            ),
            '-infinity'::date
        ) AS billed_until
    FROM subscribers_account a
    WHERE a.cycle_id = %(cycle)s AND a.id BETWEEN %(lo)s AND %(hi)s
      AND (%(only)s::bigint[] IS NULL OR a.id = ANY (%(only)s))
)
SELECT
    t.account_id, t.subscription_id, t.bill_period, t.bill_item_id, t.record_count, t.duration_seconds,
    t.charged_units, t.allowance_units, t.amount_micro
FROM scope s
JOIN rating_usagetotal t ON t.account_id = s.account_id AND t.bill_period >= s.billed_until
WHERE t.account_id BETWEEN %(lo)s AND %(hi)s AND t.bill_period BETWEEN %(usage_from)s AND %(usage_through)s
UNION ALL
SELECT DISTINCT
    t.account_id, t.subscription_id, t.bill_period, t.bill_item_id, t.record_count, t.duration_seconds,
    t.charged_units, t.allowance_units, t.amount_micro
FROM invoicing_invoice b
JOIN scope s ON s.account_id = b.account_id
JOIN invoicing_invoiceline l ON l.invoice_id = b.id AND l.kind = 'USAGE' AND l.period_from < s.billed_until
JOIN rating_usagetotal t ON t.subscription_id = l.subscription_id AND t.bill_period = l.period_from
    AND t.bill_item_id = l.bill_item_id AND t.account_id = b.account_id
WHERE b.state = 'CANCELLED' AND b.number IS NOT NULL AND b.account_id BETWEEN %(lo)s AND %(hi)s
  AND (%(only)s::bigint[] IS NULL OR b.account_id = ANY (%(only)s))
  AND t.bill_period BETWEEN %(usage_from)s AND %(usage_through)s
  AND NOT EXISTS (
      SELECT FROM invoicing_invoice o
      JOIN invoicing_invoiceline m ON m.invoice_id = o.id
      WHERE o.account_id = b.account_id AND NOT (o.state = 'CANCELLED') AND m.kind = 'USAGE'
        AND m.subscription_id = l.subscription_id AND m.period_from = l.period_from AND m.bill_item_id = l.bill_item_id
  )
