-- Purpose: what the last bills of some accounts came to, for those that had any.
-- Parameters: accounts (ids), before (first day of the billed period), count (how many bills at most).
-- Invariant: posted bills alone say what is usual.
SELECT a.id, array_agg(b.gross_minor)
FROM unnest(%(accounts)s::bigint[]) AS a (id)
CROSS JOIN LATERAL (
    SELECT i.gross_minor FROM invoicing_invoice i
    WHERE i.account_id = a.id AND i.period_from < %(before)s AND i.state = 'POSTED'
    ORDER BY i.period_from DESC LIMIT %(count)s
) b
GROUP BY a.id
