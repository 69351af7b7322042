-- The pairs of a network's day that agree: our payment, their line.
-- Parameters: network_id, day, register_id.
-- Invariant: the same pairing as check_terminal_day.
SELECT t.txn_id, t.account_number, p.id, p.received_at, t.line_number, p.amount_minor, t.amount_minor
FROM (
    SELECT DISTINCT ON (txn_id) txn_id, line_number, account_number, amount_minor
    FROM reconciliation_terminalregisterline
    WHERE register_id = %(register_id)s
    ORDER BY txn_id, line_number
) t
JOIN payments_payment p
    ON p.network_id = %(network_id)s AND p.posted_on = %(day)s AND p.network_txn_id = t.txn_id
    AND p.amount_minor = t.amount_minor AND p.account_number = t.account_number
    AND p.id NOT IN (SELECT new_payment_id FROM reconciliation_discrepancy WHERE new_payment_id IS NOT NULL)
    AND p.id NOT IN (
        SELECT payment_id FROM payments_paymentreversal WHERE kind = 'CANCELLED' AND posted_on = %(day)s
    )
ORDER BY p.id
