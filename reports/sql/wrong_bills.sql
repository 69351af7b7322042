-- Purpose: bills corrected, taken back or disputed in some days: id, number, account, centre, 1 if it was corrected or taken
--     back, how much of it, disputes, disputes of a price.
-- Parameters: first, last (days of credit notes), start_at, until_at (instants of disputes), centres.
-- Invariant: the sums are those of errors_by_month for the days of a month.
WITH wrong AS (
    SELECT c.invoice_id, c.account_id, 1 AS corrected, c.gross_minor AS minor, 0 AS disputed, 0 AS of_price
    FROM invoicing_creditnote c
    WHERE c.state = 'POSTED' AND c.issued_on BETWEEN %(first)s AND %(last)s
    UNION ALL
    SELECT d.invoice_id, d.account_id, 0, 0, 1, CASE WHEN d.reason = 'WRONG_PRICE' THEN 1 ELSE 0 END
    FROM invoicing_dispute d
    WHERE d.opened_at >= %(start_at)s AND d.opened_at < %(until_at)s
)
SELECT w.invoice_id, coalesce(i.number, ''), a.number, a.centre_id, max(w.corrected), -sum(w.minor), sum(w.disputed),
       sum(w.of_price)
FROM wrong w
JOIN subscribers_account a ON a.id = w.account_id
LEFT JOIN invoicing_invoice i ON i.id = w.invoice_id
WHERE a.centre_id = ANY (%(centres)s)
GROUP BY w.invoice_id, i.number, a.number, a.centre_id
ORDER BY w.invoice_id DESC
