-- Purpose: of each closed file of a day, whether its amount is that of its records, and whether any line is missing or
-- ended twice.
-- Parameters: day.
-- A file belongs to the day that it counts for. Its lines are numbered without gaps from the first
-- that counts: count, sum and sum of squares of the numbers that ended show a gap or a repetition without a sort.
WITH files AS (
    SELECT f.id, f.source_id,
        (f.layout -> 'cuts' -> 0 ->> 0)::numeric AS first_line, f.line_count::numeric AS lines,
        f.first_start_at, f.last_start_at, f.amount_micro
    FROM rating_usagefile f
    WHERE f.state = 'CLOSED' AND f.own_day = %(day)s
), rated AS (
    SELECT u.file_id, count(*) AS lines, sum(u.line_number::numeric) AS total, sum(u.amount_micro) AS amount,
        sum(u.line_number::numeric * u.line_number) AS squares
    FROM rating_ratedusage u
    WHERE u.revision = 0 AND u.file_id IN (SELECT id FROM files)
      AND u.start_at >= (SELECT min(first_start_at) FROM files) AND u.start_at <= (SELECT max(last_start_at) FROM files)
    GROUP BY u.file_id
), aside AS (
    SELECT q.file_id, count(*) AS lines, sum(q.line_number::numeric) AS total,
        sum(q.line_number::numeric * q.line_number) AS squares
    FROM rating_setasideline q
    WHERE q.outcome <> 'TAKEN_UP' AND q.file_id IN (SELECT id FROM files)
    GROUP BY q.file_id
)
SELECT f.source_id, f.id, f.first_start_at, f.last_start_at, coalesce(r.amount, 0) <> f.amount_micro,
    f.lines = coalesce(r.lines, 0) + coalesce(a.lines, 0)
        AND coalesce(r.total, 0) + coalesce(a.total, 0) = f.lines * f.first_line + f.lines * (f.lines - 1) / 2
        AND coalesce(r.squares, 0) + coalesce(a.squares, 0)
            = f.lines * f.first_line * f.first_line + f.first_line * f.lines * (f.lines - 1)
              + (f.lines - 1) * f.lines * (2 * f.lines - 1) / 6 AS is_whole
FROM files f LEFT JOIN rated r ON r.file_id = f.id LEFT JOIN aside a ON a.file_id = f.id
ORDER BY f.source_id, f.id
