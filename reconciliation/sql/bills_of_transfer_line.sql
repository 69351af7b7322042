-- Purpose: the bills and credit notes behind a line of a revenue transfer, in the order of their numbers.
-- Parameters: first_on, until_on (half-open), after, through (entries), role, kind, item of the line.
-- Invariant: their sum is the line's amount, with the sign of the side that it is on.
SELECT l.document, l.document_id, l.number, a.number, l.issued_on, sum(v.minor)::bigint
FROM reconciliation_earnedline l
JOIN subscribers_account a ON a.id = l.account_id
CROSS JOIN LATERAL (
    VALUES ('TAX', l.tax_code, l.tax_minor), (l.role, l.item, l.net_minor)
) AS v (role, item, minor)
WHERE l.posted_on >= %(first_on)s AND l.posted_on < %(until_on)s
  AND l.entry_id > %(after)s AND l.entry_id <= %(through)s
  AND v.role = %(role)s AND l.kind = %(kind)s AND v.item = %(item)s
GROUP BY l.document, l.document_id, l.number, a.number, l.issued_on
HAVING sum(v.minor) <> 0
ORDER BY l.number
