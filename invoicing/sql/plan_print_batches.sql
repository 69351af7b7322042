-- Purpose: put the bills of a run, or the letters of none, that wait for paper and are in no batch into batches, in the order of the rounds.
-- Parameters: run (none: letters), size (bills a batch).
-- Invariant: every bill is in one batch at one place; places of a batch run from 1 without a gap.
WITH ordered AS (
    SELECT id, post_code, row_number() OVER (ORDER BY post_code, route, account_id, id) - 1 AS r
    FROM invoicing_billdelivery
    WHERE run_id IS NOT DISTINCT FROM %(run)s::bigint AND channel = 'PRINT' AND state = 'WAITING' AND batch_id IS NULL
), numbered AS (
    SELECT coalesce(max(n), 0) AS last FROM invoicing_printbatch WHERE run_id IS NOT DISTINCT FROM %(run)s::bigint
), planned AS (
    INSERT INTO invoicing_printbatch
        (run_id, n, state, bill_count, first_post_code, last_post_code, page_count, sheet_count, handed_over_to)
    SELECT %(run)s::bigint, last + 1 + r / %(size)s, 'PLANNED', count(*), min(post_code), max(post_code), 0, 0, ''
    FROM ordered CROSS JOIN numbered GROUP BY last, r / %(size)s
    RETURNING id, n
)
UPDATE invoicing_billdelivery d SET batch_id = p.id, place = 1 + o.r %% %(size)s
FROM ordered o CROSS JOIN numbered JOIN planned p ON p.n = numbered.last + 1 + o.r / %(size)s
WHERE d.id = o.id
