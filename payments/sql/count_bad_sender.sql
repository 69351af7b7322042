-- Purpose: count a request that could not be trusted; lock its address at the so-manieth within a time.
-- Parameters: network_id (null: no network of ours), address, reason, at, since (older counts begin anew), most, until.
-- Invariant: one row touched for every reason alike; a lock that holds is not made longer.
INSERT INTO payments_badsender AS b (network_id, address, count, counted_from, last_at, last_reason)
VALUES (%(network_id)s, %(address)s, 1, %(at)s, %(at)s, %(reason)s)
ON CONFLICT (network_id, address) DO UPDATE SET
    count = CASE WHEN b.counted_from < %(since)s THEN 1 ELSE b.count + 1 END,
    counted_from = CASE WHEN b.counted_from < %(since)s THEN %(at)s ELSE b.counted_from END,
    last_at = %(at)s,
    last_reason = %(reason)s,
    locked_until = CASE
        WHEN b.counted_from >= %(since)s AND b.count + 1 >= %(most)s AND (b.locked_until IS NULL OR b.locked_until <= %(at)s)
        THEN %(until)s ELSE b.locked_until END
RETURNING count, locked_until = %(until)s
