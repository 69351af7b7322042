-- Purpose: a day's rated records for the bench of call lists, in the order of their time, as files bring them: those of one line
--     lie far apart.
-- Parameters: day; first_lines, lines, counts, salts: for each group of lines, whose records these are, how many, and what
--     makes them differ from those of other groups.
-- Invariant: the same numbers give the same records; run by the owner of a scratch database.
INSERT INTO {partition} (
    subscription_id, start_at, duplicate_key, account_id, file_id, unit_price_micro, amount_micro, line_number, duration_seconds,
    zone_id, bill_item_id, plan_version_id, charged_units, allowance_units, bill_period, revision, calling, called
)
SELECT g.first_line + (hashint8(n * 7 + g.salt)::bigint & 2147483647) %% g.lines,
    %(day)s::date::timestamp AT TIME ZONE 'UTC' + interval '86400 seconds' * (n::double precision / (g.records + 1)) AS start_at,
    n * 8 + g.salt, 1, 1, 5000000, (n %% 97) * 1000000, n, 30 + n %% 600, 1 + n %% 500, 1 + n %% 3, 1, 60, 0, '2026-03-01', 0,
    '99920000001', '999' || (10000000 + (n * 7919) %% 89999999)
FROM unnest(%(first_lines)s::bigint[], %(lines)s::bigint[], %(counts)s::bigint[], %(salts)s::bigint[])
    AS g (first_line, lines, records, salt)
CROSS JOIN LATERAL generate_series(1, g.records) AS n
ORDER BY start_at
