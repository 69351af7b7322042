-- Purpose: lines begun and ended in each month, and how many more were suspended than resumed; what was before the first
--     month stands without one.
-- Parameters: first, last (days, both included), centres, account and suspended (the kinds that are no lines).
SELECT CASE WHEN day >= %(first)s THEN date_trunc('month', day)::date END,
       coalesce(sum(begun_count) FILTER (WHERE kind <> %(suspended)s), 0),
       coalesce(sum(ended_count) FILTER (WHERE kind <> %(suspended)s), 0),
       coalesce(sum(begun_count - ended_count) FILTER (WHERE kind = %(suspended)s), 0)
FROM subscribers_dailycount
WHERE day <= %(last)s AND centre_id = ANY (%(centres)s) AND kind <> %(account)s
GROUP BY 1
