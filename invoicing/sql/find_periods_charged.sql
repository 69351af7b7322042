-- Purpose: the bill periods whose charges are on some bills: their own, those that an earlier run had set aside, and
-- those that credit notes had freed and the bill charged again.
-- Parameters: invoices (ids).
-- Invariant: a period is on one living bill of its account at most.
SELECT i.id, i.period_from FROM invoicing_invoice i WHERE i.id = ANY (%(invoices)s)
UNION
SELECT i.id, r.period_from
FROM invoicing_invoice i
JOIN invoicing_parkedaccount p ON p.account_id = i.account_id
JOIN invoicing_billrun r ON r.id = p.run_id
    AND r.period_from < i.period_from AND r.state IN ('POSTED', 'DELIVERING', 'DELIVERED')
WHERE i.id = ANY (%(invoices)s) AND NOT EXISTS (
    SELECT FROM invoicing_invoice o
    WHERE o.account_id = i.account_id AND o.id <> i.id AND (o.state <> 'CANCELLED' OR o.number IS NOT NULL)
      AND o.period_from >= r.period_from AND o.period_from < i.period_from
)
UNION
SELECT i.id, f.period_from
FROM invoicing_invoice i
JOIN invoicing_creditnote c ON c.account_id = i.account_id AND c.state = 'POSTED' AND c.freed_after_id < i.id
CROSS JOIN LATERAL unnest(c.freed_periods) AS f (period_from)
WHERE i.id = ANY (%(invoices)s) AND f.period_from <= i.period_from AND NOT EXISTS (
    SELECT FROM invoicing_invoice o
    WHERE o.account_id = i.account_id AND o.id > c.freed_after_id AND o.id < i.id
      AND (o.state <> 'CANCELLED' OR o.number IS NOT NULL) AND o.period_from >= f.period_from
)
