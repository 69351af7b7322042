-- Purpose: the last direct debit of each of some bills: its amount, which try it was, the answer, the next try.
-- Parameters: bills (ids).
-- Invariant: one row a bill at most; what was cancelled before it was sent never was a try.
SELECT DISTINCT ON (l.invoice_id)
       l.invoice_id, l.amount_minor, l.attempt, i.state, i.retry_on, m.state = 'ACTIVE' AS is_mandated,
       b.collect_on, CASE WHEN b.state = 'PROPOSED' THEN 0 ELSE c.answer_days END AS answer_days
FROM payments_debititembill l
JOIN payments_debititem i ON i.id = l.item_id
JOIN payments_debitbatch b ON b.id = i.batch_id AND b.state <> 'CANCELLED'
JOIN payments_debitmandate m ON m.id = i.mandate_id
JOIN payments_debitcreditor c ON c.id = b.creditor_id
WHERE l.invoice_id = ANY (%(bills)s)
ORDER BY l.invoice_id, l.item_id DESC
