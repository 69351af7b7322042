-- Purpose: accounts whose final bill covers a period that their cycle has not cut, with the first day open for them.
-- Parameters: none.
-- Invariant: what is billed is cut: usage that comes later goes into a period that no bill of the account covers.
SELECT a.cycle_id, f.account_id, f.open_from
FROM invoicing_finalbill f
JOIN subscribers_account a ON a.id = f.account_id
JOIN subscribers_billcycle c ON c.id = a.cycle_id
WHERE f.open_from > c.open_from
