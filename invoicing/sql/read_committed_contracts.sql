-- Purpose: the days of a period on which subscriptions of a chunk were under contracts with a minimum commitment.
-- Parameters: cycle, lo, hi, only (ids, or null for all), start and until (days, half-open), terms (ids).
-- Invariant: no day of a subscription comes twice.
SELECT
    s.account_id, s.id, c.term_id,
    greatest(lower(c.during), s.active_from, %(start)s),
    least(upper(c.during), s.active_until, %(until)s)
FROM subscribers_account a
JOIN subscribers_subscription s ON s.account_id = a.id
JOIN subscribers_contract c ON c.subscription_id = s.id AND c.term_id = ANY (%(terms)s)
WHERE a.cycle_id = %(cycle)s AND a.id BETWEEN %(lo)s AND %(hi)s AND s.account_id BETWEEN %(lo)s AND %(hi)s
  AND (%(only)s::bigint[] IS NULL OR a.id = ANY (%(only)s))
  AND c.during && daterange(%(start)s, %(until)s)
  AND greatest(lower(c.during), s.active_from, %(start)s) < least(upper(c.during), s.active_until, %(until)s)
ORDER BY s.account_id, s.id, lower(c.during)
