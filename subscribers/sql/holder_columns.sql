-- Holdings of numbers in force at any instant of [first_at, last_at], for the engine of rating.
-- Parameters: first_at, last_at; first_account, last_account (whose). A number has one holder at any instant (exclusion constraint).
SELECT
    a.number,
    -- Almost all began before: what nobody asks for is not turned into a number.
    CASE WHEN lower(a.during) > %(first_at)s THEN (extract(epoch FROM lower(a.during)) * 1000000)::bigint END AS from_us,
    (extract(epoch FROM upper(a.during)) * 1000000)::bigint AS until_us,
    a.subscription_id,
    s.account_id,
    c.cycle_id,
    c.category,
    -- The number goes with the line, not only from it: a call that lasts longer outlasts the subscription.
    s.active_until IS NOT NULL AND NOT EXISTS (
        SELECT FROM subscribers_numberassignment later
        WHERE later.subscription_id = a.subscription_id AND lower(later.during) >= upper(a.during)
    ) AS ends_line
FROM subscribers_numberassignment a
JOIN subscribers_subscription s ON s.id = a.subscription_id
JOIN subscribers_account c ON c.id = s.account_id
WHERE a.during && tstzrange(%(first_at)s, %(last_at)s, '[]')
  AND s.account_id BETWEEN %(first_account)s AND %(last_account)s
  AND c.id BETWEEN %(first_account)s AND %(last_account)s
