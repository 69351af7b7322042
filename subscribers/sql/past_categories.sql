-- Categories that accounts of a range had before the present one, on any day of [first_on, last_on].
-- Parameters: first_account, last_account, first_on, last_on. An account has one on any day (exclusion constraint).
SELECT
    account_id,
    lower(during) - date '1970-01-01' AS from_day,
    upper(during) - date '1970-01-01' AS until_day,
    category
FROM subscribers_pastcategory
WHERE account_id BETWEEN %(first_account)s AND %(last_account)s
    AND during && daterange(%(first_on)s, %(last_on)s, '[]')
