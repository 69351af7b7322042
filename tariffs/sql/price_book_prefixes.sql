-- Every prefix with its zone and days.
SELECT prefix, zone_id, lower(during), upper(during) FROM tariffs_zoneprefix
