-- Ends, on the first day of a version, what the prefixes of its decks led to before, unless it is the same zone for good.
-- Parameters: version_id, valid_from. Keeps: a prefix leads to one zone on any day.
WITH pending AS (
    SELECT DISTINCT ON (p.prefix) p.prefix, p.zone_id
    FROM tariffs_ratedeckprefix p JOIN tariffs_ratedeck d ON d.id = p.deck_id
    WHERE d.plan_version_id = %(version_id)s
    ORDER BY p.prefix, d.id DESC
)
UPDATE tariffs_zoneprefix z SET during = daterange(lower(z.during), %(valid_from)s)
FROM pending
WHERE z.prefix = pending.prefix AND z.during && daterange(%(valid_from)s, NULL)
    AND NOT (z.zone_id = pending.zone_id AND upper(z.during) IS NULL)
