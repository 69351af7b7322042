-- What the books took to and from an account of money on its way, one line for each posting of a day.
-- Parameters: account_id, day.
-- Invariant: debits less credits are the turnover of the account on that day.
SELECT e.id, e.source_type, e.source_id, e.recorded_at,
       CASE WHEN p.debit_id = %(account_id)s THEN p.amount_minor END,
       CASE WHEN p.credit_id = %(account_id)s THEN p.amount_minor END
FROM ledger_posting p
JOIN ledger_entry e ON e.id = p.entry_id
WHERE (p.debit_id = %(account_id)s OR p.credit_id = %(account_id)s) AND e.posted_on = %(day)s
ORDER BY e.id, p.n
