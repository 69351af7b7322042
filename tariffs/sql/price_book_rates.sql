-- The rates of plan versions, amounts in millionths of the major unit. Parameter: versions (ids).
-- Rates of a version with one counter code count together: under the smallest id among them.
SELECT
    id,
    plan_version_id,
    zone_id,
    window_id,
    unit,
    category,
    model,
    scope,
    (connect_fee * 1000000)::bigint,
    (minimum_charge * 1000000)::bigint,
    (maximum_charge * 1000000)::bigint,
    cap_policy,
    surcharge_after_units,
    (surcharge_amount * 1000000)::bigint,
    free_units,
    free_events,
    CASE WHEN counter_code <> '' THEN min(id) OVER (PARTITION BY plan_version_id, counter_code) END
FROM tariffs_rate
WHERE plan_version_id = ANY (%(versions)s)
ORDER BY id
