-- Days of the same network that are not signed off and whose payments this register has: they are compared again.
-- Parameters: network_id, day, register_id, around (days).
-- Invariant: only a case that nobody has resolved is looked at again.
SELECT DISTINCT c.day
FROM reconciliation_terminalcheck c
JOIN reconciliation_discrepancy d
    ON d.check_run_id = c.id AND d.kind = 'ONLY_OURS' AND d.state IN ('OPEN', 'EXPLAINED', 'PROPOSED')
JOIN reconciliation_terminalregisterline l ON l.register_id = %(register_id)s AND l.txn_id = d.txn_id
WHERE c.network_id = %(network_id)s AND c.day <> %(day)s AND abs(c.day - %(day)s::date) <= %(around)s AND c.signed_at IS NULL
ORDER BY c.day
