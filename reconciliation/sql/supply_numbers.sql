-- The numbers that are missing in a centre, or are there though they should not be, after the count of a day.
-- Parameters: day, centre_id (or null for all).
-- Invariant: every number was issued as often as it was sold, returned, written off and counted, but for those returned.
-- Each movement of numbers a to b opens at a and shuts after b; the running sum between two such places is what is left.
WITH counted AS (
    SELECT DISTINCT m.centre_id, m.item_id
    FROM reconciliation_supplymove m
    JOIN reconciliation_supplyitem i ON i.id = m.item_id AND i.has_numbers
    WHERE m.moved_on = %(day)s AND m.kind = 'COUNTED' AND (%(centre_id)s::bigint IS NULL OR m.centre_id = %(centre_id)s)
), moves AS (
    SELECT m.centre_id, m.item_id, m.first_number::numeric AS first, m.last_number::numeric + 1 AS until,
           length(m.first_number) AS width, CASE WHEN m.kind = 'ISSUED' THEN 1 ELSE -1 END AS sign
    FROM reconciliation_supplymove m
    JOIN counted USING (centre_id, item_id)
    WHERE m.first_number <> '' AND m.moved_on <= %(day)s AND (m.kind <> 'COUNTED' OR m.moved_on = %(day)s)
), steps AS (
    SELECT centre_id, item_id, width, first AS place, sign FROM moves
    UNION ALL
    SELECT centre_id, item_id, width, until, -sign FROM moves
), places AS (
    SELECT centre_id, item_id, width, place, sum(sign) AS step FROM steps GROUP BY centre_id, item_id, width, place
), running AS (
    SELECT centre_id, item_id, width, place, sum(step) OVER w AS here, lead(place) OVER w AS until
    FROM places WINDOW w AS (PARTITION BY centre_id, item_id, width ORDER BY place)
)
SELECT c.code, c.names::text, i.code, i.names::text, lpad(r.place::text, r.width, '0'), lpad((r.until - 1)::text, r.width, '0'),
       ((r.until - r.place) * r.here)::bigint AS missing
FROM running r
JOIN identity_servicecentre c ON c.id = r.centre_id
JOIN reconciliation_supplyitem i ON i.id = r.item_id
WHERE r.here <> 0
ORDER BY c.code, i.code, r.width, r.place
