-- Purpose: the promotions agreed for accounts of a chunk that hold on days of the periods billed.
-- Parameters: cycle, lo, hi, only (ids, or null for all), start (of the oldest period), until (exclusive end of the last).
-- Invariant: whether one counts for a period is decided by the bill core; none is left out.
SELECT p.account_id, p.id, p.subscription_id, p.promotion_id, p.number, p.agreed_on, lower(p.during), upper(p.during)
FROM subscribers_account a
JOIN subscribers_promotionagreement p ON p.account_id = a.id
WHERE a.cycle_id = %(cycle)s AND a.id BETWEEN %(lo)s AND %(hi)s AND p.account_id BETWEEN %(lo)s AND %(hi)s
  AND (%(only)s::bigint[] IS NULL OR a.id = ANY (%(only)s)) AND p.during && daterange(%(start)s, %(until)s)
ORDER BY p.account_id, p.id
