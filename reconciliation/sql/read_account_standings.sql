-- Purpose: accounts with the names of their subscribers and what they owe.
-- Parameters: accounts (ids).
-- Invariant: one row for each account; what an account has in its favour is below nought.
SELECT a.id, a.number, s.name, coalesce(b.amount_minor, 0)::bigint, a.state = 'CLOSED'
FROM subscribers_account a
JOIN subscribers_subscriber s ON s.id = a.subscriber_id
LEFT JOIN ledger_balance b ON b.account_id = a.ledger_account_id
WHERE a.id = ANY (%(accounts)s)
