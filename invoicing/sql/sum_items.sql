-- Purpose: net charges by bill item of a run and of the run before it.
-- Parameters: run, before (null: there is none).
-- Invariant: the sums over all items are the nets of the runs.
WITH sums AS (
    SELECT i.run_id, l.bill_item_id, count(*) AS line_count, sum(l.net_minor) AS net_minor
    FROM invoicing_invoice i
    JOIN invoicing_invoiceline l ON l.invoice_id = i.id
    WHERE i.run_id IN (%(run)s, %(before)s) AND i.state <> 'CANCELLED'
    GROUP BY i.run_id, l.bill_item_id
)
SELECT bill_item_id,
    coalesce(sum(line_count) FILTER (WHERE run_id = %(run)s), 0)::bigint,
    coalesce(sum(net_minor) FILTER (WHERE run_id = %(run)s), 0)::bigint,
    coalesce(sum(net_minor) FILTER (WHERE run_id = %(before)s), 0)::bigint
FROM sums
GROUP BY bill_item_id
ORDER BY bill_item_id
