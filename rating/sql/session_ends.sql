-- Purpose: the ends of sessions that were charged by their last reports before these ends came, as columns for the engine.
-- Parameters: files, lines: of each record of a session.
SELECT q.file_id, q.line_number, (q.detail #>> '{end,seconds}')::bigint, (q.detail #>> '{end,bytes}')::bigint
FROM unnest(%(files)s::bigint[], %(lines)s::int[]) AS r (file_id, line_number)
JOIN rating_setasideline q ON q.file_id = r.file_id AND q.line_number = r.line_number
WHERE q.outcome = 'TAKEN_UP' AND q.detail ? 'end'
