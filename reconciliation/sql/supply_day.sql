-- What the centres had, got and gave of every piece on a day, and whether the count at its end agrees.
-- Parameters: day, centre_id (or null for all).
-- Invariant: opening + issued = sold + returned + written off + counted + missing, to the piece; where nothing was counted
-- nothing is known to be missing.
WITH moves AS (
    SELECT m.centre_id, m.item_id, m.kind, m.moved_on = %(day)s AS is_today, m.quantity
    FROM reconciliation_supplymove m
    JOIN reconciliation_supplyitem i ON i.id = m.item_id AND i.kind <> 'SERVICE'
    WHERE m.moved_on <= %(day)s AND (%(centre_id)s::bigint IS NULL OR m.centre_id = %(centre_id)s)
), sums AS (
    SELECT centre_id, item_id,
           coalesce(sum(CASE WHEN kind = 'ISSUED' THEN quantity ELSE -quantity END)
               FILTER (WHERE NOT is_today AND kind <> 'COUNTED'), 0) AS opening,
           coalesce(sum(quantity) FILTER (WHERE is_today AND kind = 'ISSUED'), 0) AS issued,
           coalesce(sum(quantity) FILTER (WHERE is_today AND kind = 'SOLD'), 0) AS sold,
           coalesce(sum(quantity) FILTER (WHERE is_today AND kind = 'RETURNED'), 0) AS returned,
           coalesce(sum(quantity) FILTER (WHERE is_today AND kind = 'WRITTEN_OFF'), 0) AS written_off,
           sum(quantity) FILTER (WHERE is_today AND kind = 'COUNTED') AS counted
    FROM moves GROUP BY centre_id, item_id
)
SELECT c.id, c.code, c.names::text, i.code, i.names::text, i.kind, s.opening, s.issued, s.sold, s.returned, s.written_off,
       s.opening + s.issued - s.sold - s.returned - s.written_off AS expected, s.counted,
       s.opening + s.issued - s.sold - s.returned - s.written_off - s.counted AS missing
FROM sums s
JOIN identity_servicecentre c ON c.id = s.centre_id
JOIN reconciliation_supplyitem i ON i.id = s.item_id
WHERE s.opening <> 0 OR s.issued <> 0 OR s.sold <> 0 OR s.returned <> 0 OR s.written_off <> 0 OR s.counted IS NOT NULL
ORDER BY c.code, i.code
