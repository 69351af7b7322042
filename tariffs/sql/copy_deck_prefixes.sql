-- Gives one deck the prefixes of another, for the copy of a draft.
-- Parameters: source_id, deck_id. Keeps: a deck names a prefix once.
INSERT INTO tariffs_ratedeckprefix (deck_id, prefix, zone_id)
SELECT %(deck_id)s, prefix, zone_id FROM tariffs_ratedeckprefix WHERE deck_id = %(source_id)s
