-- Purpose: customer groups that have a discount on a day.
-- Parameters: on.
-- Invariant: each once.
SELECT DISTINCT d.group_id FROM subscribers_customergroupdiscount d WHERE d.during @> %(on)s::date ORDER BY d.group_id
