-- Purpose: days of the operator whose premium calls are to be totalled (again).
-- Parameters: first, last (days), since (from this day on every day is due), zone.
-- Invariant: a day older than that is due if it never was totalled, or since then a file with calls of it was closed,
-- a line of it was taken up from quarantine, or usage around it was priced again (whole bill periods are).
SELECT d::date
FROM generate_series(%(first)s::date, %(last)s::date, interval '1 day') AS d
LEFT JOIN rating_premiumday p ON p.day = d::date
WHERE d::date >= %(since)s OR p.day IS NULL OR EXISTS (
    SELECT FROM rating_usagefile f
    WHERE f.closed_at > p.totalled_at
      AND (f.first_start_at AT TIME ZONE %(zone)s)::date <= d::date
      AND (f.last_start_at AT TIME ZONE %(zone)s)::date >= d::date
) OR EXISTS (
    SELECT FROM rating_setasideline l
    WHERE l.outcome = 'TAKEN_UP' AND l.tried_at > p.totalled_at AND (l.start_at AT TIME ZONE %(zone)s)::date = d::date
) OR EXISTS (
    SELECT FROM rating_rerating r
    WHERE r.done_at > p.totalled_at AND d::date BETWEEN r.used_from - 31 AND r.used_until + 31
)
ORDER BY 1
