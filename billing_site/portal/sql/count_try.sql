-- Count one try in a bucket and return how many there are in its stretch of time. Atomic: tries at the same moment
-- are all counted. Parameters: bucket (hex), at (now), since (a stretch that began at or before it is over).
INSERT INTO portal_trycounter AS known (bucket, started_at, count) VALUES (%(bucket)s, %(at)s, 1)
ON CONFLICT (bucket) DO UPDATE SET
    count = CASE WHEN known.started_at <= %(since)s THEN 1 ELSE known.count + 1 END,
    started_at = CASE WHEN known.started_at <= %(since)s THEN excluded.started_at ELSE known.started_at END
RETURNING count
