-- Purpose: the days whose records are to be checked: the latest ones, and older ones with a file closed since.
-- Parameters: since (the first of the latest days), last (day, included).
WITH days AS (
    SELECT f.own_day AS day, f.source_id,
        max(f.closed_at) AS closed_at
    FROM rating_usagefile f WHERE f.state = 'CLOSED' GROUP BY 1, 2
)
SELECT DISTINCT d.day
FROM days d LEFT JOIN rating_usagedaycheck c ON c.day = d.day AND c.source_id = d.source_id
WHERE d.day <= %(last)s AND (d.day >= %(since)s OR c.checked_at IS NULL OR c.checked_at < d.closed_at)
ORDER BY d.day
