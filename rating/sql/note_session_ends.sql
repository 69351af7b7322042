-- Purpose: write on the released last report of a session that its end was reported after all, where that says more than was charged:
--     the account that had the number at its start (null: nobody had), and the day of that.
-- Parameters: source; since: of files that arrived from then on; zone (the operator's).
-- Invariant: one end for each session, the longest; said a second time it changes nothing.
WITH ended AS (
    SELECT DISTINCT ON (1, 2) (e.detail ->> 'of_file')::bigint AS file_id, (e.detail ->> 'of_line')::int AS line_number,
        e.file_id AS end_file, e.line_number AS end_line, e.duration_seconds AS seconds, coalesce(e.volume_bytes, 0) AS bytes
    FROM rating_usagefile f JOIN rating_setasideline e ON e.file_id = f.id
    WHERE f.source_id = %(source)s AND f.state = 'CLOSED' AND f.arrived_at >= %(since)s
      AND e.outcome = 'JOINED' AND e.reason = 'SAME_CALL' AND e.duration_seconds IS NOT NULL
    ORDER BY 1, 2, seconds DESC, bytes DESC, end_file, end_line
), noted AS (
    UPDATE rating_setasideline q SET detail = q.detail || jsonb_build_object('end', jsonb_build_object(
        'file', ended.end_file, 'line', ended.end_line, 'seconds', greatest(ended.seconds, q.duration_seconds),
        'bytes', greatest(ended.bytes, q.volume_bytes)))
    FROM ended
    WHERE q.file_id = ended.file_id AND q.line_number = ended.line_number AND q.outcome = 'TAKEN_UP'
      AND 'SESSION_OPEN' = ANY (string_to_array(q.released_reasons, ' '))
      AND (ended.seconds > coalesce((q.detail #>> '{end,seconds}')::bigint, q.duration_seconds, 0)
        OR ended.bytes > coalesce((q.detail #>> '{end,bytes}')::bigint, q.volume_bytes, 0))
    RETURNING q.calling, q.start_at
)
SELECT s.account_id, (n.start_at AT TIME ZONE %(zone)s)::date
FROM noted n
LEFT JOIN subscribers_numberassignment h ON h.number = n.calling AND h.during @> n.start_at
LEFT JOIN subscribers_subscription s ON s.id = h.subscription_id
