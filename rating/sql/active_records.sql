-- Purpose: the records in force of a range of accounts that began in a half-open time, as columns for the engine.
-- Parameters: first_account, last_account, first_at, until_at.
-- Invariant: of each call one row: its latest revision, unless that takes it back.
SELECT
    r.file_id, r.line_number, r.calling, r.called, (extract(epoch FROM r.start_at) * 1000000)::bigint,
    r.duration_seconds, r.service, r.volume_bytes, r.third_party_micro, r.duplicate_key, r.subscription_id,
    r.account_id, a.cycle_id, a.category, r.revision, r.plan_version_id, r.zone_id, r.bill_item_id, r.rate_id,
    r.charged_units, r.allowance_id, r.allowance_units, r.units_before, r.events_before, r.unit_price_micro,
    r.amount_micro, r.bill_period - date '1970-01-01',
    r.is_late::int, r.corrects - date '1970-01-01'
FROM subscribers_account a
JOIN subscribers_subscription s ON s.account_id = a.id
JOIN rating_ratedusage r ON r.subscription_id = s.id AND r.start_at >= %(first_at)s AND r.start_at < %(until_at)s
WHERE a.id BETWEEN %(first_account)s AND %(last_account)s
  AND r.revision & 1 = 0
  AND NOT EXISTS (
    SELECT FROM rating_ratedusage later
    WHERE later.subscription_id = r.subscription_id AND later.start_at = r.start_at
      AND later.duplicate_key = r.duplicate_key AND later.revision > r.revision
  )
