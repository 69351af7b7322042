-- Purpose: bills given up and recovered in some days: write-off, account, bill, day it was due, days overdue when it was given
--     up, reason, centre, written off, tax in it, recovered, tax in it (minor units).
-- Parameters: first, last (days, both included), currency, least, most (days overdue, null: without end), reason (empty for
--     all), centres (of accounts of these).
-- Invariant: the sums are those of bad_debts for the same days, class, reason and department.
WITH moved AS (
    SELECT i.id, i.written_minor, i.tax_minor AS written_tax, 0 AS recovered, 0 AS recovered_tax
    FROM payments_writeoffitem i
    JOIN payments_writeoff w ON w.id = i.write_off_id
    WHERE w.state = 'APPROVED' AND w.posted_on BETWEEN %(first)s AND %(last)s AND i.written_minor > 0
    UNION ALL
    SELECT r.item_id, 0, 0, r.amount_minor, r.tax_minor
    FROM payments_baddebtrecovery r
    WHERE r.recovered_on BETWEEN %(first)s AND %(last)s
)
SELECT w.id, a.number, coalesce(b.number, ''), i.due_on, t.days, w.reason, a.centre_id,
       sum(m.written_minor), sum(m.written_tax), sum(m.recovered), sum(m.recovered_tax)
FROM moved m
JOIN payments_writeoffitem i ON i.id = m.id
JOIN payments_writeoff w ON w.id = i.write_off_id
JOIN subscribers_account a ON a.id = i.account_id
LEFT JOIN invoicing_invoice b ON b.id = i.invoice_id
CROSS JOIN LATERAL (SELECT coalesce(w.posted_on, w.as_of) - i.due_on AS days) AS t
WHERE w.currency = %(currency)s AND a.centre_id = ANY (%(centres)s) AND (%(reason)s = '' OR w.reason = %(reason)s)
  AND (%(least)s = 0 OR t.days >= %(least)s) AND (%(most)s::int IS NULL OR t.days <= %(most)s::int)
GROUP BY i.id, w.id, a.number, b.number, i.due_on, t.days, w.reason, a.centre_id
ORDER BY w.id DESC, i.id
