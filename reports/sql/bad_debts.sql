-- Purpose: bad debts written off and recovered in some days, by class of age, reason and department: class (how many of its
--     ends are passed), reason, department, its names, written off, tax in it, recovered, tax in it (minor units).
-- Parameters: first, last (days, both included), currency, ends (of the classes, days overdue), centres (of accounts of
--     these), is_all (of all centres).
-- Invariant: an age is that on the day of the write-off, of what is recovered too.
WITH moved AS (
    SELECT i.write_off_id, i.account_id, i.due_on, i.written_minor, i.tax_minor AS written_tax, 0 AS recovered, 0 AS recovered_tax
    FROM payments_writeoffitem i
    JOIN payments_writeoff w ON w.id = i.write_off_id
    WHERE w.state = 'APPROVED' AND w.posted_on BETWEEN %(first)s AND %(last)s AND i.written_minor > 0
    UNION ALL
    SELECT i.write_off_id, i.account_id, i.due_on, 0, 0, r.amount_minor, r.tax_minor
    FROM payments_baddebtrecovery r
    JOIN payments_writeoffitem i ON i.id = r.item_id
    WHERE r.recovered_on BETWEEN %(first)s AND %(last)s
)
SELECT (SELECT count(*) FROM unnest(%(ends)s) AS e (days) WHERE coalesce(w.posted_on, w.as_of) - m.due_on > e.days) AS age,
       w.reason, d.id, d.names, sum(m.written_minor), sum(m.written_tax), sum(m.recovered), sum(m.recovered_tax)
FROM moved m
JOIN payments_writeoff w ON w.id = m.write_off_id
JOIN subscribers_account a ON a.id = m.account_id
JOIN identity_servicecentre c ON c.id = a.centre_id
JOIN identity_department d ON d.id = c.department_id
WHERE w.currency = %(currency)s AND (%(is_all)s OR a.centre_id = ANY (%(centres)s))
GROUP BY 1, 2, 3, 4
ORDER BY 1, 2, 3
