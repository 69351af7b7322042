-- Purpose: accounts that had their final bill or are closed, and whose books are in their favour, with what of that is asked back already.
-- Parameters: none.
-- Invariant: no bill uses the credit up any more: it is paid out, or stays.
SELECT a.id, a.number, s.name, a.currency, coalesce(f.ended_on, a.closed_on), -b.amount_minor, coalesce(r.asked_minor, 0)::bigint
FROM subscribers_account a
JOIN subscribers_subscriber s ON s.id = a.subscriber_id
JOIN ledger_balance b ON b.account_id = a.ledger_account_id AND b.amount_minor < 0
LEFT JOIN invoicing_finalbill f ON f.account_id = a.id
LEFT JOIN LATERAL (
    SELECT sum(o.amount_minor) AS asked_minor FROM payments_refund o
    WHERE o.account_id = a.id AND o.deposit_id IS NULL AND o.state IN ('REQUESTED', 'APPROVED')
) r ON true
WHERE f.account_id IS NOT NULL OR a.state = 'CLOSED'
ORDER BY coalesce(f.ended_on, a.closed_on), a.id
