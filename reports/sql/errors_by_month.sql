-- Purpose: bills of nothing (the books have no entry of them), bills corrected or taken back, disputes, and disputes of a
--     price, by month.
-- Parameters: first, last (days of credit notes), start_at, until_at (instants of disputes), zone, centres.
SELECT date_trunc('month', c.issued_on)::date, 'WRONG', count(DISTINCT c.invoice_id)
FROM invoicing_creditnote c
JOIN subscribers_account a ON a.id = c.account_id
WHERE c.state = 'POSTED' AND c.issued_on BETWEEN %(first)s AND %(last)s AND a.centre_id = ANY (%(centres)s)
GROUP BY 1
UNION ALL
SELECT date_trunc('month', d.opened_at AT TIME ZONE %(zone)s)::date, w.what, count(*)
FROM invoicing_dispute d
JOIN subscribers_account a ON a.id = d.account_id
CROSS JOIN LATERAL (VALUES ('DISPUTED', true), ('PRICE', d.reason = 'WRONG_PRICE')) AS w (what, counts)
WHERE d.opened_at >= %(start_at)s AND d.opened_at < %(until_at)s AND w.counts AND a.centre_id = ANY (%(centres)s)
GROUP BY 1, 2
UNION ALL
SELECT date_trunc('month', i.issued_on)::date, 'NOTHING', count(*)
FROM invoicing_invoice i
JOIN subscribers_account a ON a.id = i.account_id
WHERE i.gross_minor = 0 AND i.number IS NOT NULL AND i.issued_on BETWEEN %(first)s AND %(last)s
  AND a.centre_id = ANY (%(centres)s)
GROUP BY 1
