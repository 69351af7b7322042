-- Purpose: lines begun and ended in each month, and how many more were suspended than resumed; what was before the first
--     month stands without one.
-- Parameters: first (of a month), last (a day, included), centres, account and suspended (the kinds that are no lines).
-- Invariant: months that are kept are read whole, and with them their days that are not folded in; of the others the days.
WITH base AS (
    SELECT coalesce(max(month), '-infinity') AS month FROM subscribers_monthcount WHERE month <= %(first)s
), whole AS (
    SELECT DISTINCT month FROM subscribers_monthcount
    WHERE month >= %(first)s AND month + interval '1 month' <= %(last)s::date + 1
), counted AS (
    SELECT NULL::date AS month, centre_id, kind, opening_count AS begun, 0 AS ended
    FROM subscribers_monthcount WHERE month = (SELECT month FROM base)
    UNION ALL
    SELECT month, centre_id, kind, begun_count, ended_count
    FROM subscribers_monthcount WHERE month IN (SELECT month FROM whole)
    UNION ALL
    SELECT month, centre_id, kind, begun_count, ended_count
    FROM (
        SELECT date_trunc('month', day)::date AS month, d.* FROM subscribers_dailycount d
        WHERE day <= %(last)s AND NOT is_folded
    ) AS d
    WHERE month IN (SELECT month FROM whole)
    UNION ALL
    SELECT NULL, centre_id, kind, begun_count, ended_count
    FROM subscribers_dailycount
    WHERE day < %(first)s AND (day >= (SELECT month FROM base) OR NOT is_folded)
    UNION ALL
    SELECT m.month::date, d.centre_id, d.kind, d.begun_count, d.ended_count
    FROM generate_series(%(first)s::date, %(last)s::date, interval '1 month') AS m (month)
    JOIN subscribers_dailycount d
        ON d.day >= m.month AND d.day < m.month + interval '1 month' AND d.day <= %(last)s
    WHERE m.month NOT IN (SELECT month FROM whole)
)
SELECT month,
       coalesce(sum(begun) FILTER (WHERE kind <> %(suspended)s), 0),
       coalesce(sum(ended) FILTER (WHERE kind <> %(suspended)s), 0),
       coalesce(sum(begun - ended) FILTER (WHERE kind = %(suspended)s), 0)
FROM counted
WHERE centre_id = ANY (%(centres)s) AND kind <> %(account)s
GROUP BY 1
