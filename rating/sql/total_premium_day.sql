-- Purpose: total the calls to information stations of a day by station, subscription and bill item, corrections apart.
-- Parameters: day (of the operator), start_at and until_at (its instants).
-- Invariant: the day has no totals; a called number leads to one station on any day; a call that nobody answered
-- (service 0, a call, without a second) is none: nothing is billed for it, and nothing owed.
INSERT INTO rating_premiumtotal
    (day, station_id, account_id, subscription_id, bill_period, bill_item_id, is_correction, call_count, duration_seconds, amount_micro)
SELECT
    %(day)s, n.station_id, u.account_id, u.subscription_id, u.bill_period, u.bill_item_id,
    u.corrects IS NOT NULL,
    sum(CASE WHEN u.revision & 1 = 1 THEN -1 ELSE 1 END), sum(u.duration_seconds), sum(u.amount_micro)
FROM rating_ratedusage u
JOIN rating_premiumnumber n ON n.number = u.called AND n.during @> %(day)s::date
WHERE u.start_at >= %(start_at)s AND u.start_at < %(until_at)s
  AND (u.service <> 0 OR u.duration_seconds <> 0)
GROUP BY 2, 3, 4, 5, 6, 7
