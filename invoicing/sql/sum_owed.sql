-- Purpose: what subscribers owe by some entries, as the books have it.
-- Parameters: entries (ids), earning (ids of the accounts that bills credit).
-- Invariant: a pair that debits one of those accounts gives money back.
SELECT coalesce(sum(CASE WHEN p.debit_id = ANY (%(earning)s) THEN -p.amount_minor ELSE p.amount_minor END), 0)::bigint
FROM ledger_posting p
WHERE p.entry_id = ANY (%(entries)s)
