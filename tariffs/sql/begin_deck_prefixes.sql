-- Lets the prefixes of a version's decks lead to their zones from its first day on, where they do not already.
-- Parameters: version_id, valid_from. Runs after end_moved_prefixes, in the same transaction.
WITH pending AS (
    SELECT DISTINCT ON (p.prefix) p.prefix, p.zone_id
    FROM tariffs_ratedeckprefix p JOIN tariffs_ratedeck d ON d.id = p.deck_id
    WHERE d.plan_version_id = %(version_id)s
    ORDER BY p.prefix, d.id DESC
)
INSERT INTO tariffs_zoneprefix (prefix, zone_id, during)
SELECT pending.prefix, pending.zone_id, daterange(%(valid_from)s, NULL)
FROM pending
WHERE NOT EXISTS (
    SELECT 1 FROM tariffs_zoneprefix z
    WHERE z.prefix = pending.prefix AND z.zone_id = pending.zone_id AND z.during @> daterange(%(valid_from)s, NULL)
)
