-- Purpose: what a preview found by zone and bill item, over all its pieces.
-- Parameters: preview_id.
SELECT
    zone_id, bill_item_id, sum(old_count)::bigint, sum(old_micro)::bigint, sum(new_micro)::bigint,
    sum(unpriced_count)::bigint, sum(unpriced_micro)::bigint
FROM rating_planpreviewzone
WHERE preview_id = %(preview_id)s
GROUP BY zone_id, bill_item_id
