-- Purpose: what was there before some days, began and ended in them, by centre, category and kind.
-- Parameters: first, last (days, both included).
-- Invariant: opening and begun less ended is what is there at the end of the last day.
SELECT centre_id, category, kind,
       coalesce(sum(begun_count - ended_count) FILTER (WHERE day < %(first)s), 0),
       coalesce(sum(begun_count) FILTER (WHERE day >= %(first)s), 0),
       coalesce(sum(ended_count) FILTER (WHERE day >= %(first)s), 0)
FROM subscribers_dailycount
WHERE day <= %(last)s
GROUP BY centre_id, category, kind
ORDER BY centre_id, category, kind
