-- Purpose: how many lines are in service at the end of a day, counted one by one.
-- Parameters: day.
SELECT count(*) FROM subscribers_subscription
WHERE active_from <= %(day)s AND (active_until IS NULL OR active_until > %(day)s)
