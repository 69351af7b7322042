-- Purpose: the customer categories of some accounts.
-- Parameters: accounts (ids).
-- Invariant: one row for each account that exists.
SELECT a.id, a.category FROM subscribers_account a WHERE a.id = ANY (%(accounts)s)
