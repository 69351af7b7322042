-- Purpose: the plan that most lines of each number's range have on a day, else of the range's kind of service.
-- Parameters: numbers (digits with the country code), on (a day).
-- Invariant: only plans that somebody has; of equal ones the older.
WITH asked AS (
    SELECT n.number, r.id AS range_id
    FROM (SELECT DISTINCT unnest(%(numbers)s::text[]) AS number) n
    JOIN subscribers_numberrange r
        ON length(r.first) = length(n.number) AND n.number >= r.first AND n.number <= r.last
), ranges AS (
    SELECT r.id, r.first, r.last, r.use FROM subscribers_numberrange r WHERE r.id IN (SELECT range_id FROM asked)
), of_range AS (
    SELECT r.id, r.use, p.plan_id
    FROM ranges r LEFT JOIN LATERAL (
        SELECT sp.plan_id
        FROM (
            SELECT a.subscription_id FROM subscribers_numberassignment a
            WHERE length(a.number) = length(r.first) AND a.number >= r.first AND a.number <= r.last
            ORDER BY a.number LIMIT 1000
        ) h
        JOIN subscribers_subscriptionplan sp ON sp.subscription_id = h.subscription_id AND sp.during @> %(on)s::date
        GROUP BY sp.plan_id ORDER BY count(*) DESC, sp.plan_id LIMIT 1
    ) p ON true
), of_kind AS (
    SELECT DISTINCT ON (t.kind) t.kind, t.id AS plan_id
    FROM tariffs_plan t JOIN subscribers_subscriptionplan sp ON sp.plan_id = t.id AND sp.during @> %(on)s::date
    WHERE t.kind IN (SELECT use FROM of_range WHERE plan_id IS NULL)
    GROUP BY t.kind, t.id ORDER BY t.kind, count(*) DESC, t.id
)
SELECT a.number, coalesce(r.plan_id, k.plan_id)
FROM asked a JOIN of_range r ON r.id = a.range_id LEFT JOIN of_kind k ON k.kind = r.use
WHERE coalesce(r.plan_id, k.plan_id) IS NOT NULL
