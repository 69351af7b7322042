-- Prefixes of a version's decks that lead to another zone from its first day or a later one on: they cannot be moved.
-- Parameters: version_id, valid_from. Returns at most one row: prefix, first day.
WITH pending AS (
    SELECT DISTINCT ON (p.prefix) p.prefix, p.zone_id
    FROM tariffs_ratedeckprefix p JOIN tariffs_ratedeck d ON d.id = p.deck_id
    WHERE d.plan_version_id = %(version_id)s
    ORDER BY p.prefix, d.id DESC
)
SELECT z.prefix, lower(z.during)
FROM pending JOIN tariffs_zoneprefix z ON z.prefix = pending.prefix
WHERE z.during && daterange(%(valid_from)s, NULL) AND lower(z.during) >= %(valid_from)s
    AND NOT (z.zone_id = pending.zone_id AND upper(z.during) IS NULL)
ORDER BY z.prefix, lower(z.during) LIMIT 1
