-- Purpose: what became of the receipts of a statement, and what its other lines are.
-- Parameters: statement_id.
-- Invariant: total = accepted + parked + left + returned; the total is the lines' own, with the charges that are ours.
WITH lines AS (
    SELECT l.id, l.state, l.kind, l.is_parked, l.payment_id,
           l.amount_minor + CASE WHEN b.charge_rule = 'GROSS' AND l.kind = 'RECEIPT' THEN l.charge_minor ELSE 0 END AS minor
    FROM reconciliation_statementline l
    JOIN reconciliation_statement s ON s.id = l.statement_id
    JOIN reconciliation_bankaccount b ON b.id = s.bank_account_id
    WHERE l.statement_id = %(statement_id)s
), receipts AS (
    SELECT l.id, l.state, l.is_parked, l.minor, p.amount_minor, p.state AS payment_state,
           EXISTS (SELECT FROM payments_paymentreversal r WHERE r.payment_id = p.id) AS is_back,
           coalesce((
               SELECT sum(g.amount_minor) FROM payments_payment g
               WHERE g.origin_id = p.id
                 AND NOT EXISTS (SELECT FROM payments_paymentreversal r WHERE r.payment_id = g.id)
           ), 0) AS given_minor
    FROM lines l LEFT JOIN payments_payment p ON p.id = l.payment_id
    WHERE l.kind = 'RECEIPT' AND l.state <> 'DUPLICATE'
), parts AS (
    SELECT r.*, CASE
        WHEN r.is_back THEN 0
        WHEN r.payment_state = 'POSTED' THEN r.amount_minor
        WHEN r.payment_state = 'SUSPENSE' THEN r.given_minor
        ELSE 0 END AS accepted_minor,
        CASE WHEN r.is_back THEN 0 WHEN r.payment_state = 'SUSPENSE' THEN r.amount_minor - r.given_minor
             WHEN r.payment_state IS NULL THEN r.minor ELSE 0 END AS left_minor
    FROM receipts r
)
SELECT count(*), coalesce(sum(p.minor), 0),
       count(*) FILTER (WHERE p.left_minor = 0), coalesce(sum(p.accepted_minor), 0),
       coalesce(sum(p.left_minor) FILTER (WHERE p.is_parked), 0),
       count(*) FILTER (WHERE p.left_minor > 0), coalesce(sum(p.left_minor) FILTER (WHERE NOT p.is_parked), 0),
       coalesce(sum(p.amount_minor) FILTER (WHERE p.is_back), 0),
       (SELECT count(*) FROM lines WHERE state = 'DUPLICATE'),
       (SELECT coalesce(sum(minor), 0) FROM lines WHERE state = 'DUPLICATE'),
       (SELECT count(*) FROM lines WHERE state <> 'DUPLICATE' AND kind <> 'RECEIPT'),
       (SELECT coalesce(sum(minor), 0) FROM lines WHERE state <> 'DUPLICATE' AND kind <> 'RECEIPT')
FROM parts p
