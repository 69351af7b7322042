-- Purpose: accounts whose final bill, an extra one, or what was decided after it, covers a period that their cycle has not cut, with the
-- first day open for them.
-- Parameters: none.
-- Invariant: what is billed or written off is cut: usage that comes later goes into a period that nothing of it covers.
SELECT a.cycle_id, f.account_id, greatest(f.open_from, max(d.held_until), max(e.until))
FROM invoicing_finalbill f
JOIN subscribers_account a ON a.id = f.account_id
JOIN subscribers_billcycle c ON c.id = a.cycle_id
LEFT JOIN invoicing_heldusagedecision d ON d.account_id = f.account_id AND d.state = 'DONE'
LEFT JOIN LATERAL (
    SELECT max(i.period_until) AS until FROM invoicing_invoice i
    WHERE i.account_id = f.account_id AND i.period_from >= f.open_from AND i.state <> 'CANCELLED'
) e ON true
GROUP BY a.cycle_id, f.account_id, f.open_from, c.open_from
HAVING greatest(f.open_from, max(d.held_until), max(e.until)) > c.open_from
