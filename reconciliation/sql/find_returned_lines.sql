-- Purpose: the receipt that each return takes back.
-- Parameters: lines (ids of returns).
-- Invariant: a pair only where exactly one receipt of the same bank account stands that the return names: by a reference
-- of either, and by the amount with or without the bank's charge; or, without references, by the payer's account and
-- the amount. A receipt that was taken back before is none.
WITH pairs AS (
    SELECT r.id AS return_id, k.id AS receipt_id
    FROM reconciliation_statementline r
    JOIN reconciliation_statement rs ON rs.id = r.statement_id
    CROSS JOIN LATERAL (
        SELECT k.id FROM reconciliation_statementline k
        WHERE k.end_to_end = r.end_to_end AND k.end_to_end <> '' AND k.kind = 'RECEIPT'
        UNION
        SELECT k.id FROM reconciliation_statementline k
        WHERE k.bank_reference = r.end_to_end AND k.bank_reference <> '' AND k.kind = 'RECEIPT'
        UNION
        SELECT k.id FROM reconciliation_statementline k
        WHERE k.bank_reference = r.bank_reference AND k.bank_reference <> '' AND k.kind = 'RECEIPT'
        UNION
        SELECT k.id FROM reconciliation_statementline k
        WHERE r.end_to_end = '' AND k.payer_key = r.payer_key AND k.payer_key <> '' AND k.state = 'MATCHED'
          AND k.amount_minor = -r.amount_minor - r.charge_minor
    ) AS found
    JOIN reconciliation_statementline k ON k.id = found.id
    JOIN reconciliation_statement ks ON ks.id = k.statement_id AND ks.bank_account_id = rs.bank_account_id
    WHERE r.id = ANY (%(lines)s)
      AND k.kind = 'RECEIPT' AND k.payment_id IS NOT NULL AND k.state IN ('MATCHED', 'SUSPENSE')
      AND k.amount_minor <= -r.amount_minor AND k.amount_minor * 2 >= -r.amount_minor
      AND NOT EXISTS (SELECT FROM payments_paymentreversal v WHERE v.payment_id = k.payment_id)
)
SELECT return_id, min(receipt_id) FROM pairs GROUP BY return_id HAVING count(*) = 1 ORDER BY return_id
