-- The lines that any active rule against fraud may concern: those with more records, or more money, than the least rule allows
-- in the longest time that a rule looks at. One reading of the records for all rules; it leaves few.
-- lines: the lines of which the run rated records; first_at, last_at: the run's first and last start.
-- A local day may have 25 hours: 26 hold whatever day an instant lies in.
SELECT u.subscription_id
FROM rating_ratedusage u
WHERE u.subscription_id = ANY (%(lines)s::bigint[])
    AND u.start_at > %(first_at)s - interval '26 hours' AND u.start_at < %(last_at)s + interval '26 hours'
GROUP BY u.subscription_id
HAVING count(*) > (SELECT min(threshold) FROM rating_fraudrule WHERE is_active AND kind IN ('CALLS_TO_ZONE', 'SIMULTANEOUS'))
    OR sum(greatest(u.amount_micro, 0)) > (SELECT min(threshold) FROM rating_fraudrule WHERE is_active AND kind = 'SUM_PER_HOUR')
