-- The lines of a register that repeat a transaction of an earlier line of it.
-- Parameters: register_id.
-- Invariant: of every transaction the first line is none of them.
SELECT l.line_number
FROM (
    SELECT txn_id, min(line_number) AS first_number
    FROM reconciliation_terminalregisterline
    WHERE register_id = %(register_id)s
    GROUP BY txn_id
    HAVING count(*) > 1
) d
JOIN reconciliation_terminalregisterline l
    ON l.register_id = %(register_id)s AND l.txn_id = d.txn_id AND l.line_number > d.first_number
ORDER BY l.line_number
