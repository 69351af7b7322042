-- Purpose: by day and source, how the lines of the closed files ended, and what the last check of their records found.
-- Parameters: first, last (days, both included), source_id (or null).
-- A file belongs to the day that it counts for. Records are not read: the check of the night does.
-- Invariant: in = rated + duplicate + joined + quarantined + rejected + written off.
WITH days AS (
    SELECT f.own_day AS day, f.source_id,
        sum(f.line_count)::bigint AS lines, sum(f.rated_count)::bigint AS rated,
        sum(f.duplicate_count)::bigint AS duplicate, sum(f.joined_count)::bigint AS joined,
        sum(f.quarantined_count)::bigint AS quarantined, sum(f.rejected_count)::bigint AS rejected,
        sum(f.written_off_count)::bigint AS written_off, sum(f.amount_micro)::bigint AS amount_micro
    FROM rating_usagefile f
    WHERE f.state = 'CLOSED' AND (%(source_id)s::bigint IS NULL OR f.source_id = %(source_id)s)
      AND f.own_day BETWEEN %(first)s AND %(last)s
    GROUP BY 1, 2
)
SELECT d.day, s.code, d.lines, d.rated, d.duplicate, d.joined, d.quarantined, d.rejected, d.written_off,
    d.amount_micro, c.wrong_count, c.missing_count, c.double_count, c.priced_again_count, c.checked_at
FROM days d
JOIN rating_usagesource s ON s.id = d.source_id
LEFT JOIN rating_usagedaycheck c ON c.day = d.day AND c.source_id = d.source_id
ORDER BY d.day DESC, s.code
