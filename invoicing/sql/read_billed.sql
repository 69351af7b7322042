-- Purpose: accounts between two ids that a living bill of the period, or of a later one, has.
-- Parameters: lo, hi, start (first day of the period).
-- Invariant: whoever is billed is not billed again.
SELECT DISTINCT i.account_id
FROM invoicing_invoice i
WHERE i.account_id BETWEEN %(lo)s AND %(hi)s AND i.period_from >= %(start)s AND NOT (i.state = 'CANCELLED')
