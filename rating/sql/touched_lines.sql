-- The lines (and their accounts) of which a run rated a record.
-- files: the run's files; first_at, last_at: their first and last start, so that only those days are read.
SELECT DISTINCT account_id, subscription_id FROM rating_ratedusage
WHERE file_id = ANY (%(files)s) AND start_at >= %(first_at)s AND start_at <= %(last_at)s
