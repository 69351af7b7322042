-- Purpose: a day's rated records for the bench of call lists, in the order of their time, as files bring them: those of one line
--     lie far apart.
-- Parameters: day; first_line, lines (whose they are); records (how many); salt (so that a second helping differs).
-- Invariant: the same numbers give the same records; run by the owner of a scratch database.
INSERT INTO {partition} (
    subscription_id, start_at, duplicate_key, account_id, file_id, unit_price_micro, amount_micro, line_number, duration_seconds,
    zone_id, bill_item_id, plan_version_id, charged_units, allowance_units, bill_period, revision, calling, called
)
SELECT %(first_line)s + (hashint8(n * 7 + %(salt)s)::bigint & 2147483647) %% %(lines)s,
    %(day)s::date::timestamp AT TIME ZONE 'UTC' + n * (interval '86400 seconds' / (%(records)s + 1)),
    n * 8 + %(salt)s, 1, 1, 5000000, (n %% 97) * 1000000, n, 30 + n %% 600, 1 + n %% 500, 1 + n %% 3, 1, 60, 0, '2026-03-01', 0,
    '99920000001', '999' || (10000000 + (n * 7919) %% 89999999)
FROM generate_series(1, %(records)s) AS n;
