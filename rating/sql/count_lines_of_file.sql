-- Purpose: of a file that does not add up, how many of its lines are missing, and how many ended more than once.
-- Parameters: file_id, first_start_at, last_start_at (of the file's records).
WITH ended AS (
    SELECT line_number, count(*) AS times FROM (
        SELECT line_number FROM rating_ratedusage WHERE revision = 0 AND file_id = %(file_id)s
          AND start_at >= %(first_start_at)s AND start_at <= %(last_start_at)s
        UNION ALL
        SELECT line_number FROM rating_setasideline WHERE outcome <> 'TAKEN_UP' AND file_id = %(file_id)s
    ) AS lines GROUP BY line_number
)
SELECT count(*) FILTER (WHERE e.line_number IS NULL), count(*) FILTER (WHERE e.times > 1)
FROM rating_usagefile f
CROSS JOIN LATERAL generate_series(
    (f.layout -> 'cuts' -> 0 ->> 0)::int, (f.layout -> 'cuts' -> 0 ->> 0)::int + f.line_count::int - 1
) AS n (line)
LEFT JOIN ended e ON e.line_number = n.line
WHERE f.id = %(file_id)s
