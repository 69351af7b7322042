-- Purpose: lines in quarantine for want of a price, a zone, a bill item or a plan: after any change of these they are
-- tried again.
-- Parameters: reasons, most.
SELECT q.file_id, q.line_number
FROM rating_setasideline q
WHERE q.outcome = 'QUARANTINED' AND q.reason = ANY(%(reasons)s)
  AND EXISTS (SELECT FROM rating_usagefile f WHERE f.id = q.file_id AND f.state = 'CLOSED')
ORDER BY q.start_at, q.file_id, q.line_number
LIMIT %(most)s
