-- Purpose: how many bills of a run are of nothing, give money back, or are many times the middle one.
-- Parameters: run, times.
-- Invariant: counts what the lists beside it show the first of.
SELECT
    count(*) FILTER (WHERE i.gross_minor = 0)::bigint,
    count(*) FILTER (WHERE i.gross_minor < 0)::bigint,
    count(*) FILTER (WHERE i.gross_minor > m.middle * %(times)s)::bigint
FROM invoicing_invoice i
CROSS JOIN (
    SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY gross_minor) AS middle
    FROM invoicing_invoice WHERE run_id = %(run)s AND state <> 'CANCELLED' AND gross_minor > 0
) m
WHERE i.run_id = %(run)s AND i.state <> 'CANCELLED'
