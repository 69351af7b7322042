-- Purpose: the subscriptions that had a plan on some day of their cycle's period: how many, and the accounts at which to cut them into pieces of about one size.
-- Parameters: plan_id, cycles, firsts, untils (arrays of the same length: cycle, first day, first day after), shares (where to cut, 0 to 1).
SELECT count(*), percentile_disc(%(shares)s::float[]) WITHIN GROUP (ORDER BY found.account_id)
FROM (
    SELECT DISTINCT s.id, s.account_id
    FROM unnest(%(cycles)s::bigint[], %(firsts)s::date[], %(untils)s::date[]) AS c (id, first_on, until_on)
    JOIN subscribers_account a ON a.cycle_id = c.id
    JOIN subscribers_subscription s ON s.account_id = a.id
    JOIN subscribers_subscriptionplan p ON p.subscription_id = s.id
        AND p.plan_id = %(plan_id)s AND p.during && daterange(c.first_on, c.until_on)
) AS found
