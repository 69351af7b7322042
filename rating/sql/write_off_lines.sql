-- Purpose: write the lines of an approved proposal off, and move them in the counters of their files.
-- Parameters: proposal_id, now.
-- Invariant: a closed file adds up (a CHECK on its row): what leaves one counter comes into the other.
WITH written AS (
    UPDATE rating_setasideline SET outcome = 'WRITTEN_OFF', tried_at = %(now)s
    WHERE proposal_id = %(proposal_id)s AND outcome = 'QUARANTINED'
    RETURNING file_id, coalesce(duration_seconds, 0) AS seconds, coalesce(volume_bytes, 0) AS bytes
), sums AS (
    SELECT file_id, count(*) AS lines, sum(seconds) AS seconds, sum(bytes) AS bytes FROM written GROUP BY file_id
)
UPDATE rating_usagefile f SET
    quarantined_count = f.quarantined_count - s.lines,
    quarantined_seconds = f.quarantined_seconds - s.seconds,
    written_off_count = f.written_off_count + s.lines,
    quarantined_bytes = f.quarantined_bytes - s.bytes,
    written_off_seconds = f.written_off_seconds + s.seconds,
    written_off_bytes = f.written_off_bytes + s.bytes
FROM sums s WHERE f.id = s.file_id
