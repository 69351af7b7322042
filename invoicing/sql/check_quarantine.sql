-- Purpose: lines of the period that wait in quarantine, by reason.
-- Parameters: start_at, until_at.
-- Invariant: what waits is seen before a bill is made without it.
SELECT q.reason, count(*)::int
FROM rating_setasideline q
WHERE q.outcome = 'QUARANTINED' AND (q.start_at IS NULL OR (q.start_at >= %(start_at)s AND q.start_at < %(until_at)s))
GROUP BY q.reason
ORDER BY q.reason
