-- Purpose: who owns the range of each number: a service centre, or the department whose centres share it.
-- Parameters: numbers (digits with the country code). Ranges do not overlap: a number has one owner at most.
SELECT n.number, coalesce(c.names, d.names)
FROM (SELECT DISTINCT unnest(%(numbers)s::text[]) AS number) n
JOIN subscribers_numberrange r
    ON length(r.first) = length(n.number) AND n.number >= r.first AND n.number <= r.last
JOIN identity_department d ON d.id = r.department_id
LEFT JOIN identity_servicecentre c ON c.id = r.centre_id
