-- Purpose: usage that came after the final bill of its account, by line and bill period, the largest first.
-- Parameters: account_number (null: every account), today.
-- Invariant: it stays with the account that used it, whoever has the number now, until an extra bill has it or two people
-- wrote it off; no ordinary run bills it.
SELECT f.account_id, a.number, s.name, t.subscription_id,
    (
        SELECT n.number FROM subscribers_numberassignment n
        WHERE n.subscription_id = t.subscription_id ORDER BY lower(n.during) DESC LIMIT 1
    ),
    t.bill_period, f.ended_on, sum(t.record_count)::bigint, sum(t.duration_seconds)::bigint,
    sum(t.amount_micro)::bigint, a.currency, %(today)s::date - f.ended_on
FROM invoicing_finalbill f
JOIN subscribers_account a ON a.id = f.account_id
JOIN subscribers_subscriber s ON s.id = a.subscriber_id
JOIN rating_usagetotal t ON t.account_id = f.account_id AND t.bill_period >= f.open_from
WHERE (%(account_number)s::text IS NULL OR a.number = %(account_number)s)
  AND NOT EXISTS (
      SELECT FROM invoicing_invoice i
      WHERE i.account_id = f.account_id AND i.period_until > t.bill_period AND i.state <> 'CANCELLED'
  )
  AND NOT EXISTS (
      SELECT FROM invoicing_heldusagedecision d
      WHERE d.account_id = f.account_id AND d.kind = 'WRITE_OFF' AND d.state = 'DONE'
        AND t.bill_period >= d.held_from AND t.bill_period < d.held_until
  )
GROUP BY f.account_id, a.number, s.name, t.subscription_id, t.bill_period, f.ended_on, a.currency
ORDER BY sum(t.amount_micro) DESC, t.subscription_id, t.bill_period
