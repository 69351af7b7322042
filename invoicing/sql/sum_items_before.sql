-- Purpose: lines and net by bill item of the bills before, of some accounts between two ids or of every one.
-- Parameters: cycle, lo, hi, start (first day of the billed period), accounts (ids), every (all of them are meant).
-- Invariant: sums over the same bills as read_bills_before.
SELECT l.bill_item_id, count(*)::int, sum(l.net_minor)::bigint
FROM invoicing_invoice i
JOIN subscribers_account a ON a.id = i.account_id AND a.cycle_id = %(cycle)s
JOIN invoicing_invoiceline l ON l.invoice_id = i.id
WHERE i.account_id BETWEEN %(lo)s AND %(hi)s AND i.period_until = %(start)s AND i.state <> 'CANCELLED'
  AND (%(every)s OR i.account_id = ANY (%(accounts)s::bigint[]))
GROUP BY l.bill_item_id
ORDER BY l.bill_item_id
