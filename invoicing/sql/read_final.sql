-- Purpose: accounts between two ids that had their final bill.
-- Parameters: lo, hi.
-- Invariant: what comes after a final bill is held, and no ordinary run bills it.
SELECT f.account_id FROM invoicing_finalbill f WHERE f.account_id BETWEEN %(lo)s AND %(hi)s
