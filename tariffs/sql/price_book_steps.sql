-- The steps and tiers of the rates of plan versions, in order; amounts in millionths of the major unit, per cents in
-- millionths. Parameter: versions (ids).
SELECT
    s.rate_id,
    s.from_units,
    s.up_to_units,
    (s.price * 1000000)::bigint,
    s.per_units,
    s.increment_units,
    (s.flat_fee * 1000000)::bigint,
    (s.percent * 1000000)::bigint
FROM tariffs_ratestep s
JOIN tariffs_rate r ON r.id = s.rate_id
WHERE r.plan_version_id = ANY (%(versions)s)
ORDER BY s.rate_id, s.from_units
