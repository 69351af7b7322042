-- Purpose: what was there before some days, began and ended in them, by centre, category and kind.
-- Parameters: first, last (days, both included).
-- Invariant: opening and begun less ended is what is there at the end of the last day. Counted from the month of the first
--     day, or the last one before it that is kept; days that are not folded into the months are looked for by themselves.
WITH base AS (
    SELECT coalesce(max(month), '-infinity') AS month FROM subscribers_monthcount WHERE month <= %(first)s
)
SELECT centre_id, category, kind, sum(opening), sum(begun), sum(ended)
FROM (
    SELECT centre_id, category, kind, opening_count AS opening, 0 AS begun, 0 AS ended
    FROM subscribers_monthcount WHERE month = (SELECT month FROM base)
    UNION ALL
    SELECT centre_id, category, kind,
           CASE WHEN day < %(first)s THEN begun_count - ended_count ELSE 0 END,
           CASE WHEN day >= %(first)s THEN begun_count ELSE 0 END,
           CASE WHEN day >= %(first)s THEN ended_count ELSE 0 END
    FROM subscribers_dailycount WHERE day >= (SELECT month FROM base) AND day <= %(last)s
    UNION ALL
    SELECT centre_id, category, kind, begun_count - ended_count, 0, 0
    FROM subscribers_dailycount WHERE day < (SELECT month FROM base) AND NOT is_folded
) AS c
GROUP BY centre_id, category, kind
ORDER BY centre_id, category, kind
