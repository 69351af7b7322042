-- Purpose: accounts that a dunning run must look at: they owe something past its due date, or something is still to be
-- ended (an open case, an open promise, an open plan of instalments, a line barred for debt).
-- Parameters: day (the run's), first_id, last_id (nulls: no bound).
-- Invariant: an account whose balance is not above zero owes nothing; the index of balances keeps the rest out.
SELECT a.id
FROM subscribers_account a
LEFT JOIN ledger_balance b ON b.account_id = a.ledger_account_id
WHERE (%(first_id)s IS NULL OR a.id >= %(first_id)s)
  AND (%(last_id)s IS NULL OR a.id <= %(last_id)s)
  AND (
      (b.amount_minor > 0 AND EXISTS (
          SELECT FROM invoicing_invoice i
          WHERE i.account_id = a.id AND i.state = 'POSTED' AND i.gross_minor > 0 AND i.due_on < %(day)s
      ))
      OR a.id IN (SELECT account_id FROM payments_dunningcase WHERE ended_at IS NULL)
      OR a.id IN (SELECT account_id FROM payments_paymentpromise WHERE state = 'OPEN')
      OR a.id IN (SELECT account_id FROM payments_instalmentplan WHERE state = 'OPEN')
      OR a.id IN (
          SELECT s.account_id FROM subscribers_subscriptionrestriction r
          JOIN subscribers_subscription s ON s.id = r.subscription_id
          WHERE upper_inf(r.during) AND r.state <> 'RESTORED' AND 'DEBT' = ANY (r.causes)
      )
  )
ORDER BY a.id
