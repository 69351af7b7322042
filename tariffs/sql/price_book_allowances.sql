-- The allowances of plan versions with their zones. Parameter: versions (ids).
SELECT
    a.plan_version_id,
    a.id,
    a.unit,
    a.quantity,
    ARRAY(SELECT z.zone_id FROM tariffs_allowance_zones z WHERE z.allowance_id = a.id) AS zones,
    a.priority,
    a.shared_by_account,
    a.valid_from,
    a.valid_until,
    a.rolls_over,
    a.rollover_limit
FROM tariffs_allowance a
WHERE a.plan_version_id = ANY (%(versions)s)
ORDER BY a.id
