-- Purpose: number a chunk's drafts in the order of accounts, make them posted, and return them with who owes.
-- Parameters: run, lo, hi (accounts), first (number), prefix, digits.
-- Invariant: the number depends on the run and the account alone.
WITH draft AS MATERIALIZED (
    SELECT i.id, i.account_id, row_number() OVER (ORDER BY i.account_id) - 1 + %(first)s AS number
    FROM invoicing_invoice i
    WHERE i.run_id = %(run)s AND i.account_id BETWEEN %(lo)s AND %(hi)s AND i.state = 'DRAFT'
)
UPDATE invoicing_invoice i
SET state = 'POSTED',
    number = %(prefix)s || lpad(d.number::text, greatest(length(d.number::text), %(digits)s), '0')
FROM draft d
WHERE i.id = d.id
RETURNING i.account_id, i.id, i.number, i.gross_minor,
    (SELECT a.ledger_account_id FROM subscribers_account a WHERE a.id = i.account_id)
