-- Purpose: active sources that promise a file a day, with the days of the period for which none came.
-- Parameters: start, until (days, half-open).
-- Invariant: silence is not taken for a day without calls.
SELECT s.code, count(*)::int, min(d.day)::date
FROM rating_usagesource s
CROSS JOIN generate_series(%(start)s::date, %(until)s::date - 1, interval '1 day') AS d (day)
WHERE s.is_active AND s.expected_by_minute IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM rating_usagefile f WHERE f.source_id = s.id AND f.own_day = d.day::date)
GROUP BY s.code
ORDER BY s.code
