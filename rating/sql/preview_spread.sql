-- Purpose: how the changes of a preview's accounts are spread over bars.
-- Parameters: preview_id, limits (ascending): bar 0 is below the first limit, bar n from the n-th limit on.
SELECT width_bucket(change_micro, %(limits)s::bigint[]) AS bar, count(*)
FROM rating_planpreviewaccount
WHERE preview_id = %(preview_id)s
GROUP BY bar
ORDER BY bar
