-- Purpose: what a preview found, over all its accounts, and between which changes most of them lie.
-- Parameters: preview_id, low_percent, high_percent (of the accounts).
SELECT
    count(*), coalesce(sum(record_count), 0)::bigint, coalesce(sum(old_micro), 0)::bigint,
    coalesce(sum(new_micro), 0)::bigint, coalesce(sum(unpriced_count), 0)::bigint,
    coalesce(sum(unpriced_micro), 0)::bigint, count(*) FILTER (WHERE change_micro > 0),
    count(*) FILTER (WHERE change_micro < 0),
    coalesce(percentile_disc(%(low_percent)s / 100.0) WITHIN GROUP (ORDER BY change_micro), 0),
    coalesce(percentile_disc(%(high_percent)s / 100.0) WITHIN GROUP (ORDER BY change_micro), 0)
FROM rating_planpreviewaccount
WHERE preview_id = %(preview_id)s
