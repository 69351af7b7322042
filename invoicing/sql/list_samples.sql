-- Purpose: some bills of a run in each language, those about the middle of their language first.
-- Parameters: run, before (first day of the period before, or null), samples (how many of a language).
-- Invariant: the same rows give the same list.
WITH bills AS (
    SELECT i.id, i.account_id, i.frozen, i.gross_minor, i.language,
        row_number() OVER (PARTITION BY i.language ORDER BY i.gross_minor, i.account_id) AS place,
        count(*) OVER (PARTITION BY i.language) AS many
    FROM invoicing_invoice i
    WHERE i.run_id = %(run)s AND i.state <> 'CANCELLED'
), samples AS (
    SELECT *, row_number() OVER (PARTITION BY language ORDER BY abs(2 * place - many - 1), place) AS n FROM bills
)
SELECT s.id, a.number, s.frozen ->> 'name', s.gross_minor, b.gross_minor, s.language
FROM samples s
JOIN subscribers_account a ON a.id = s.account_id
LEFT JOIN invoicing_invoice b
    ON b.account_id = s.account_id AND b.period_from = %(before)s::date AND b.state <> 'CANCELLED'
WHERE s.n <= %(samples)s
ORDER BY s.language, s.n
