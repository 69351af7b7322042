-- Purpose: net charges by bill item of a run, and of the same accounts in the period before.
-- Parameters: run, before (first day of the period before; null: there is none), cycle, is_full (the run is for
--   everybody), beside (ids of the period's other runs, whose accounts a run for everybody leaves alone).
-- Invariant: the sums over all items are the nets of the bills compared.
WITH sums AS (
    SELECT true AS is_now, l.bill_item_id, count(*) AS line_count, sum(l.net_minor) AS net_minor
    FROM invoicing_invoice i
    JOIN invoicing_invoiceline l ON l.invoice_id = i.id
    WHERE i.run_id = %(run)s AND i.state <> 'CANCELLED'
    GROUP BY l.bill_item_id
    UNION ALL
    SELECT false, l.bill_item_id, count(*), sum(l.net_minor)
    FROM invoicing_billrun r
    JOIN invoicing_invoice i ON i.run_id = r.id
    JOIN invoicing_invoiceline l ON l.invoice_id = i.id
    WHERE r.cycle_id = %(cycle)s AND r.period_from = %(before)s::date AND i.state <> 'CANCELLED'
      AND CASE WHEN %(is_full)s
          THEN NOT EXISTS (
              SELECT FROM invoicing_invoice p WHERE p.run_id = ANY (%(beside)s::bigint[]) AND p.account_id = i.account_id
          )
          ELSE EXISTS (
              SELECT FROM invoicing_billrunaccount c WHERE c.run_id = %(run)s AND c.account_id = i.account_id
          ) END
    GROUP BY l.bill_item_id
)
SELECT bill_item_id,
    coalesce(sum(line_count) FILTER (WHERE is_now), 0)::bigint,
    coalesce(sum(net_minor) FILTER (WHERE is_now), 0)::bigint,
    coalesce(sum(net_minor) FILTER (WHERE NOT is_now), 0)::bigint
FROM sums
GROUP BY bill_item_id
ORDER BY bill_item_id
