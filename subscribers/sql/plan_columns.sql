-- Plans of subscriptions on any day of [first_on, last_on], for the engine of rating.
-- Parameters: first_on, last_on. A subscription has one plan on any day (exclusion constraint).
SELECT
    subscription_id,
    lower(during) - date '1970-01-01' AS from_day,
    upper(during) - date '1970-01-01' AS until_day,
    plan_id
FROM subscribers_subscriptionplan
WHERE during && daterange(%(first_on)s, %(last_on)s, '[]')
