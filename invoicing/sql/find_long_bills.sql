-- Purpose: bills that may charge several bill periods: final and extra ones, and those of cycles with periods of several months; with
-- the first day that such a bill charges, the day after the bills before it.
-- Parameters: invoices (ids).
-- Invariant: a bill of an account that had none before charges from its first recurring price or its first use on.
SELECT i.id, c.bill_day, coalesce(b.billed_until, l.first_on, i.period_from), i.period_until
FROM invoicing_invoice i
JOIN invoicing_billrun r ON r.id = i.run_id
JOIN subscribers_billcycle c ON c.id = r.cycle_id
LEFT JOIN LATERAL (
    SELECT max(o.period_until) AS billed_until FROM invoicing_invoice o
    WHERE o.account_id = i.account_id AND o.id < i.id AND o.number IS NOT NULL AND o.period_until <= i.period_from
) b ON true
LEFT JOIN LATERAL (
    SELECT min(m.period_from) AS first_on FROM invoicing_invoiceline m
    WHERE m.invoice_id = i.id AND m.kind IN ('RECURRING', 'USAGE') AND m.period_from < i.period_from
) l ON true
WHERE i.id = ANY (%(invoices)s) AND (r.kind = 'FINAL' OR c.months > 1)
