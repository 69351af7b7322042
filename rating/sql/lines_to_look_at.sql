-- The lines that any active rule against fraud may concern: those with more records, or more money, than the least rule allows
-- in the longest time that a rule looks at. One reading of the records for all rules; it leaves few.
-- lines: the lines of which the run rated records (joined, not listed: a list is weighed for each day that there is);
-- from_at, until_at: as far around the run as a rule looks.
SELECT u.subscription_id
FROM rating_ratedusage u
JOIN unnest(%(lines)s::bigint[]) AS line (id) ON line.id = u.subscription_id
WHERE u.start_at > %(from_at)s AND u.start_at < %(until_at)s
GROUP BY u.subscription_id
HAVING count(*) > (SELECT min(threshold) FROM rating_fraudrule WHERE is_active AND kind IN ('CALLS_TO_ZONE', 'SIMULTANEOUS'))
    OR sum(greatest(u.amount_micro, 0)) > (SELECT min(threshold) FROM rating_fraudrule WHERE is_active AND kind = 'SUM_PER_HOUR')
