-- Purpose: tills where many receipts were taken back within an hour.
-- Parameters: since (instant), centre_id (null: every centre), least (how many are many).
-- Invariant: an hour begins with a reversal; of hours that overlap the fullest one is listed, once for each till and day.
WITH undone AS (
    SELECT r.id, r.till_id, r.clerk_id, r.taken_at, r.amount_minor
    FROM payments_tillreceipt r
    JOIN payments_till t ON t.id = r.till_id
    WHERE r.kind = 'REVERSAL' AND r.taken_at >= %(since)s
      AND (%(centre_id)s::bigint IS NULL OR t.centre_id = %(centre_id)s)
), hours AS (
    SELECT u.till_id, u.taken_at AS first_at, h.last_at, h.reversals, h.amount_minor, h.clerk_id,
           row_number() OVER (PARTITION BY u.till_id, u.taken_at::date ORDER BY h.reversals DESC, u.taken_at) AS place
    FROM undone u
    CROSS JOIN LATERAL (
        SELECT max(o.taken_at) AS last_at, count(*) AS reversals, sum(o.amount_minor) AS amount_minor,
               mode() WITHIN GROUP (ORDER BY o.clerk_id) AS clerk_id
        FROM undone o
        WHERE o.till_id = u.till_id AND o.taken_at >= u.taken_at AND o.taken_at < u.taken_at + interval '1 hour'
    ) h
    WHERE h.reversals >= %(least)s
)
SELECT h.till_id, t.code, c.full_name, h.first_at, h.last_at, h.reversals, h.amount_minor
FROM hours h
JOIN payments_till t ON t.id = h.till_id
JOIN identity_user c ON c.id = h.clerk_id
WHERE h.place = 1
ORDER BY h.first_at DESC, t.code
