-- Purpose: begin to follow lines that staff hold or held, and add their days up from the records that are attached; how many.
-- Parameters: zone (the operator's), since (days before have no whole records any more), most (lines at once).
-- Invariant: a line that is followed has all its days, those of before too; rating adds to them from then on.
WITH begun AS (
    INSERT INTO rating_followedstaffline (subscription_id)
    SELECT DISTINCT h.subscription_id FROM subscribers_staffline h
    WHERE NOT EXISTS (SELECT FROM rating_followedstaffline f WHERE f.subscription_id = h.subscription_id)
    ORDER BY 1 LIMIT %(most)s
    RETURNING subscription_id
), days AS (
    INSERT INTO rating_stafflineday
        (subscription_id, day, service, record_count, duration_seconds, volume_bytes, amount_micro)
    SELECT
        u.subscription_id, (u.start_at AT TIME ZONE %(zone)s)::date, u.service,
        sum(CASE WHEN u.revision & 1 = 1 THEN -1 ELSE 1 END), sum(u.duration_seconds),
        sum(u.volume_bytes), sum(u.amount_micro)
    FROM begun b
    JOIN rating_ratedusage u ON u.subscription_id = b.subscription_id
    WHERE (u.start_at AT TIME ZONE %(zone)s)::date >= %(since)s
    GROUP BY 1, 2, 3
)
SELECT count(*) FROM begun
