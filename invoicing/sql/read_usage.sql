-- Purpose: totals of usage of a chunk's accounts that no living invoice has billed, in no order.
-- Parameters: cycle, lo, hi, only (ids, or null for all), usage_through (first day of the last bill period billed).
-- Invariant: an invoice bills every total up to its own period, so what lies behind the last one is billed, and nothing else.
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
WHERE t.account_id BETWEEN %(lo)s AND %(hi)s AND t.bill_period <= %(usage_through)s
