-- Purpose: the records of a range of accounts that began while their subscription had a plan, in the period of its cycle, as columns for the engine; every revision of them.
-- Parameters: plan_id, cycles, firsts, untils (arrays of the same length: cycle, first day, first day after), zone (of the operator), first_account, last_account, first_at, until_at (around all of them: which partitions are read).
SELECT
    r.file_id, r.line_number, r.calling, r.called, (extract(epoch FROM r.start_at) * 1000000)::bigint,
    r.duration_seconds, r.service, r.volume_bytes, r.third_party_micro, r.duplicate_key, r.subscription_id,
    r.account_id, a.cycle_id, a.category, r.revision, r.plan_version_id, r.zone_id, r.bill_item_id, r.rate_id,
    r.charged_units, r.allowance_id, r.allowance_units, r.units_before, r.events_before, r.unit_price_micro,
    r.amount_micro, r.bill_period - date '1970-01-01',
    r.is_late::int, r.corrects - date '1970-01-01'
FROM unnest(%(cycles)s::bigint[], %(firsts)s::date[], %(untils)s::date[]) AS c (id, first_on, until_on)
JOIN subscribers_account a ON a.cycle_id = c.id
JOIN subscribers_subscription s ON s.account_id = a.id
JOIN subscribers_subscriptionplan p ON p.subscription_id = s.id
    AND p.plan_id = %(plan_id)s AND p.during && daterange(c.first_on, c.until_on)
JOIN rating_ratedusage r ON r.subscription_id = s.id
    AND r.start_at >= greatest(lower(p.during), c.first_on)::timestamp AT TIME ZONE %(zone)s
    AND r.start_at < least(upper(p.during), c.until_on)::timestamp AT TIME ZONE %(zone)s
WHERE a.id BETWEEN %(first_account)s AND %(last_account)s
  AND r.start_at >= %(first_at)s AND r.start_at < %(until_at)s
