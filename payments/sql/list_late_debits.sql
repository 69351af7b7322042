-- Purpose: orders of a batch that collect a bill for the first time after the day by which its paper says it is debited, with that day.
-- Parameters: batch (id).
-- Invariant: a try after a failure has its own notice; a paper that names no direct debit has promised no day.
SELECT i.id, i.account_id, a.number, i.amount_minor, b.collect_on, min(v.due_on)
FROM payments_debitbatch b
JOIN payments_debititem i ON i.batch_id = b.id
JOIN subscribers_account a ON a.id = i.account_id
JOIN payments_debititembill l ON l.item_id = i.id AND l.attempt = 1
JOIN invoicing_invoice v ON v.id = l.invoice_id AND v.due_on < b.collect_on AND v.frozen -> 'debit' IS NOT NULL
WHERE b.id = %(batch)s
GROUP BY i.id, i.account_id, a.number, i.amount_minor, b.collect_on
ORDER BY i.id
