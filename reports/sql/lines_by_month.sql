-- Purpose: lines begun and ended in each month; what was before the first one stands without a month.
-- Parameters: first, last (days, both included), centres, account (the kind that is no line).
SELECT CASE WHEN day >= %(first)s THEN date_trunc('month', day)::date END, sum(begun_count), sum(ended_count)
FROM subscribers_dailycount
WHERE day <= %(last)s AND centre_id = ANY (%(centres)s) AND kind <> %(account)s
GROUP BY 1
