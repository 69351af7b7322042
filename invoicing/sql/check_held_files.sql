-- Purpose: usage files with records or a day in the period that are not closed.
-- Parameters: start, until (days), start_at, until_at (the same as instants).
-- Invariant: a bill is made when everything that was received has an outcome.
SELECT f.name
FROM rating_usagefile f
WHERE f.state <> 'CLOSED'
  AND (
      (f.business_day >= %(start)s AND f.business_day < %(until)s)
      OR (f.business_day IS NULL AND f.arrived_at < %(until_at)s)
      OR (f.first_start_at < %(until_at)s AND f.last_start_at >= %(start_at)s)
  )
ORDER BY f.name
