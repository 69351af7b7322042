-- Purpose: take reports out of quarantine whose sessions have ended or were reported again; the reverse of set_sessions_aside.
-- Parameters: those of set_sessions_aside.
-- Invariant: a closed file adds up, as it did before they were set aside.
WITH settled AS (
    SELECT * FROM unnest(%(files)s::bigint[], %(lines)s::int[]) AS s (file_id, line)
), back AS (
    UPDATE rating_setasideline q SET outcome = 'JOINED', reason = 'SESSION_PART', volume_bytes = NULL
    FROM (
        SELECT w.file_id, w.line_number, coalesce(w.volume_bytes, 0) AS bytes FROM rating_setasideline w
        JOIN settled s ON w.file_id = s.file_id AND w.line_number = s.line
        WHERE w.outcome = 'QUARANTINED' AND w.reason = 'SESSION_OPEN' FOR UPDATE OF w
    ) AS before
    WHERE q.file_id = before.file_id AND q.line_number = before.line_number
    RETURNING q.file_id, coalesce(q.duration_seconds, 0) AS seconds, before.bytes
), sums AS (
    SELECT file_id, count(*) AS lines, sum(seconds) AS seconds, sum(bytes) AS bytes FROM back GROUP BY file_id
)
UPDATE rating_usagefile f SET
    joined_count = f.joined_count + s.lines,
    joined_seconds = f.joined_seconds + s.seconds,
    quarantined_count = f.quarantined_count - s.lines,
    quarantined_seconds = f.quarantined_seconds - s.seconds,
    quarantined_bytes = f.quarantined_bytes - s.bytes,
    total_bytes = f.total_bytes - s.bytes
FROM sums s WHERE f.id = s.file_id
