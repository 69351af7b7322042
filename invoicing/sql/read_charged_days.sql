-- Purpose: what living bills charged and gave back of fees whose days are entered, of periods that end after a day.
-- Parameters: cycle, lo, hi, only (ids, or null for all), start (first day of the oldest period billed).
-- Invariant: entries of drafts that were thrown away are gone.
SELECT
    s.account_id, d.subscription_id, d.bill_item_id, d.plan_version_id, d.feature_id, d.price_micro, d.period_from,
    d.period_until, d.start_on, d.until_on, d.sign, d.days, d.of_days
FROM subscribers_account a
JOIN subscribers_subscription s ON s.account_id = a.id
JOIN invoicing_chargeddays d ON d.subscription_id = s.id AND d.period_until > %(start)s
WHERE a.cycle_id = %(cycle)s AND a.id BETWEEN %(lo)s AND %(hi)s AND s.account_id BETWEEN %(lo)s AND %(hi)s
  AND (%(only)s::bigint[] IS NULL OR a.id = ANY (%(only)s))
ORDER BY s.account_id, d.id
