-- Purpose: how many subscriptions of a range of accounts had a plan on some day of their cycle's period.
-- Parameters: plan_id, cycles, firsts, untils (arrays of the same length: cycle, first day, first day after), first_account, last_account.
SELECT count(DISTINCT s.id)
FROM unnest(%(cycles)s::bigint[], %(firsts)s::date[], %(untils)s::date[]) AS c (id, first_on, until_on)
JOIN subscribers_account a ON a.cycle_id = c.id
JOIN subscribers_subscription s ON s.account_id = a.id
JOIN subscribers_subscriptionplan p ON p.subscription_id = s.id
    AND p.plan_id = %(plan_id)s AND p.during && daterange(c.first_on, c.until_on)
WHERE a.id BETWEEN %(first_account)s AND %(last_account)s
