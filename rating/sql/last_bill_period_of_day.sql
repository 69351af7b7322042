-- Purpose: the latest bill period that records of a partition are billed in; null where it has none.
-- Parameters: first, until (UTC's days).
-- Invariant: reads one partition.
SELECT max(bill_period) FROM rating_ratedusage
WHERE start_at >= %(first)s::timestamp AT TIME ZONE 'UTC' AND start_at < %(until)s::timestamp AT TIME ZONE 'UTC'
