-- Purpose: what the books say of a run's invoices, as text, ids of entries left out.
-- Parameters: run.
-- Invariant: equal results give equal rows in equal order.
SELECT concat_ws('|', e.source_id, e.posted_on, e.actor, p.n, d.code, c.code, p.currency, p.amount_minor)
FROM invoicing_invoice i
JOIN ledger_entry e ON e.source_type = 'INVOICE' AND e.source_id = i.number
JOIN ledger_posting p ON p.entry_id = e.id
JOIN ledger_account d ON d.id = p.debit_id
JOIN ledger_account c ON c.id = p.credit_id
WHERE i.run_id = %(run)s
ORDER BY i.account_id, p.n
