-- Purpose: accounts of a chunk that pay for others on the last day of the billed period.
-- Parameters: cycle, lo, hi, until (exclusive end of the period).
-- Invariant: they get a bill though they have nothing themselves.
SELECT DISTINCT p.payer_id
FROM subscribers_accountpayer p
JOIN subscribers_account a ON a.id = p.payer_id AND a.cycle_id = %(cycle)s
WHERE p.payer_id BETWEEN %(lo)s AND %(hi)s AND p.during @> (%(until)s::date - 1)
