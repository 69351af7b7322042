-- Purpose: put the last reports of silent sessions into quarantine, and move them in the counters of their files.
-- Parameters: files, lines, callings, calleds, starts, volumes, sessions: one of each for every report.
-- Invariant: a closed file adds up (a CHECK on its row): what leaves one counter comes into the other, and bytes that could not
--     count before count from now on.
WITH silent AS (
    SELECT * FROM unnest(
        %(files)s::bigint[], %(lines)s::int[], %(callings)s::text[], %(calleds)s::text[], %(starts)s::timestamptz[],
        %(volumes)s::bigint[], %(sessions)s::text[]
    ) AS s (file_id, line, calling, called, start_at, volume, session)
), aside AS (
    UPDATE rating_setasideline q SET outcome = 'QUARANTINED', reason = 'SESSION_OPEN', calling = s.calling, called = s.called,
        start_at = s.start_at, volume_bytes = s.volume, set_aside_at = now(),
        detail = jsonb_build_object('field', 'call_ref', 'value', s.session)
    FROM silent s
    WHERE q.file_id = s.file_id AND q.line_number = s.line AND q.outcome = 'JOINED' AND q.reason = 'SESSION_PART'
    RETURNING q.file_id, coalesce(q.duration_seconds, 0) AS seconds, q.volume_bytes AS bytes
), sums AS (
    SELECT file_id, count(*) AS lines, sum(seconds) AS seconds, sum(bytes) AS bytes FROM aside GROUP BY file_id
)
UPDATE rating_usagefile f SET
    joined_count = f.joined_count - s.lines,
    joined_seconds = f.joined_seconds - s.seconds,
    quarantined_count = f.quarantined_count + s.lines,
    quarantined_seconds = f.quarantined_seconds + s.seconds,
    quarantined_bytes = f.quarantined_bytes + s.bytes,
    total_bytes = f.total_bytes + s.bytes
FROM sums s WHERE f.id = s.file_id
