-- Purpose: totals of usage of a chunk's accounts that no living invoice has billed.
-- Parameters: cycle, lo, hi, usage_through (first day of the last bill period billed).
-- Invariant: an invoice bills every total up to its own period, so what lies behind the last one is billed, and nothing else.
SELECT
    t.account_id, t.subscription_id, t.bill_period, t.bill_item_id, t.record_count, t.duration_seconds,
    t.charged_units, t.allowance_units, t.amount_micro
FROM subscribers_account a
CROSS JOIN LATERAL (
    SELECT coalesce(max(i.period_from), '-infinity'::date) AS billed_from
    FROM invoicing_invoice i WHERE i.account_id = a.id AND i.state <> 'CANCELLED'
) b
JOIN rating_usagetotal t ON t.account_id = a.id AND t.bill_period > b.billed_from
WHERE a.cycle_id = %(cycle)s AND a.id BETWEEN %(lo)s AND %(hi)s AND t.bill_period <= %(usage_through)s
ORDER BY t.account_id, t.subscription_id, t.bill_period, t.bill_item_id
