-- Purpose: of every plan of the rated network a draft: the same rates a tenth dearer, the same allowances.
-- Parameters: none. Run by the owner of the scratch database, after the month is rated.
-- Invariant: drafts have the ids of their versions plus 100, everything in them plus 1,000,000.
INSERT INTO tariffs_planversion
SELECT (jsonb_populate_record(v, jsonb_build_object('id', v.id + 100, 'number', 2, 'state', 'DRAFT', 'during', '[2026-05-01,)'))).*
FROM tariffs_planversion v;
INSERT INTO tariffs_rate
SELECT (jsonb_populate_record(r, jsonb_build_object('id', r.id + 1000000, 'plan_version_id', r.plan_version_id + 100))).*
FROM tariffs_rate r;
INSERT INTO tariffs_ratestep
SELECT (jsonb_populate_record(s, jsonb_build_object('id', s.id + 1000000, 'rate_id', s.rate_id + 1000000, 'price', s.price * 1.1))).*
FROM tariffs_ratestep s;
INSERT INTO tariffs_allowance
SELECT (jsonb_populate_record(a, jsonb_build_object('id', a.id + 1000000, 'plan_version_id', a.plan_version_id + 100))).*
FROM tariffs_allowance a;
INSERT INTO tariffs_allowance_zones (allowance_id, zone_id)
SELECT allowance_id + 1000000, zone_id FROM tariffs_allowance_zones;
