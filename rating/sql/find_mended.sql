-- Purpose: lines in quarantine because nobody held the number, whose number is held at the start of the call by now.
-- Parameters: tried_before (lines tried since then have just been tried in vain), most.
-- Invariant: what the engine would match is found: the holding in force at the start.
SELECT q.file_id, q.line_number
FROM rating_setasideline q
JOIN subscribers_numberassignment a ON a.number = q.calling AND a.during @> q.start_at
WHERE q.outcome = 'QUARANTINED' AND q.reason = 'NO_SUBSCRIBER'
  AND (q.tried_at IS NULL OR q.tried_at < %(tried_before)s)
  AND EXISTS (SELECT FROM rating_usagefile f WHERE f.id = q.file_id AND f.state = 'CLOSED')
ORDER BY q.start_at, q.file_id, q.line_number
LIMIT %(most)s
