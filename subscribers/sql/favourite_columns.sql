-- Favourite numbers of subscriptions on any day of [first_on, last_on], for the engine of rating.
-- Parameters: first_on, last_on. A number is a favourite of a subscription once on any day (exclusion constraint).
SELECT
    subscription_id,
    number,
    lower(during) - date '1970-01-01' AS from_day,
    upper(during) - date '1970-01-01' AS until_day
FROM subscribers_favouritenumber
WHERE during && daterange(%(first_on)s, %(last_on)s, '[]')
