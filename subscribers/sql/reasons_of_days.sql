-- Purpose: how many lines began and ended, by day, centre, kind and reason.
-- Parameters: first, last (days, both included), others (kinds that are no line).
SELECT day, centre_id, kind, reason, sum(begun_count), sum(ended_count)
FROM subscribers_dailycount
WHERE day BETWEEN %(first)s AND %(last)s AND kind <> ALL (%(others)s)
GROUP BY day, centre_id, kind, reason
HAVING sum(begun_count) <> 0 OR sum(ended_count) <> 0
ORDER BY day, centre_id, kind, reason
