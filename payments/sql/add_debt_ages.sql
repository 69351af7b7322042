-- Purpose: add the ages of the debts of accounts between two ids to a night. Where {open_items} is, stands the query
-- read_open_items: what is open is the same here and wherever it is shown account by account.
-- Parameters: night_id, day (on which they are so old), entry_id (the night's), first_id, last_id, accounts (those of
-- them that owe), to_30, to_60, to_90 (days at which a class ends).
-- Invariant: one statement, so balances, bills and the books are of one moment; a night's piece is added once, in the
-- transaction that marks it done.
WITH items (account_id, invoice_id, number, issued_on, due_on, open_minor, disputed_minor, net_minor) AS MATERIALIZED (
{open_items}
), answered AS MATERIALIZED (
    SELECT invoice_id, max(new_due_on) AS due_on FROM invoicing_dispute
    WHERE account_id = ANY (%(accounts)s) AND new_due_on IS NOT NULL
    GROUP BY invoice_id
), aged AS (
    SELECT i.account_id, i.net_minor, %(day)s::date - greatest(i.due_on, d.due_on) AS days
    FROM items i LEFT JOIN answered d ON d.invoice_id = i.invoice_id
), owed AS MATERIALIZED (
    SELECT account_id, sum(net_minor) AS minor,
           sum(net_minor) FILTER (WHERE days <= 0) AS not_due_minor,
           sum(net_minor) FILTER (WHERE days > 0 AND days <= %(to_30)s) AS to_30_minor,
           sum(net_minor) FILTER (WHERE days > %(to_30)s AND days <= %(to_60)s) AS to_60_minor,
           sum(net_minor) FILTER (WHERE days > %(to_60)s AND days <= %(to_90)s) AS to_90_minor,
           sum(net_minor) FILTER (WHERE days > %(to_90)s) AS older_minor
    FROM aged
    GROUP BY account_id
), states AS (
    SELECT a.id, a.centre_id, a.currency, coalesce(b.amount_minor, 0) AS balance_minor,
           coalesce((SELECT sum(p.amount_minor) FROM ledger_posting p
                     WHERE p.debit_id = a.ledger_account_id AND p.entry_id > %(entry_id)s), 0)
           - coalesce((SELECT sum(p.amount_minor) FROM ledger_posting p
                       WHERE p.credit_id = a.ledger_account_id AND p.entry_id > %(entry_id)s), 0) AS later_minor
    FROM subscribers_account a
    LEFT JOIN ledger_balance b ON b.account_id = a.ledger_account_id
    WHERE a.id >= %(first_id)s AND a.id <= %(last_id)s
)
INSERT INTO payments_debtage AS t
    (night_id, centre_id, currency, account_count, not_due_minor, to_30_minor, to_60_minor, to_90_minor, older_minor,
     unbilled_minor, advance_minor, later_minor)
SELECT %(night_id)s, s.centre_id, s.currency, count(o.account_id), coalesce(sum(o.not_due_minor), 0),
       coalesce(sum(o.to_30_minor), 0), coalesce(sum(o.to_60_minor), 0), coalesce(sum(o.to_90_minor), 0),
       coalesce(sum(o.older_minor), 0), sum(greatest(s.balance_minor, 0) - coalesce(o.minor, 0)),
       sum(greatest(-s.balance_minor, 0)), sum(s.later_minor)
FROM states s LEFT JOIN owed o ON o.account_id = s.id
GROUP BY s.centre_id, s.currency
ORDER BY s.centre_id, s.currency
ON CONFLICT (night_id, centre_id, currency) DO UPDATE SET
    account_count = t.account_count + excluded.account_count,
    not_due_minor = t.not_due_minor + excluded.not_due_minor,
    to_30_minor = t.to_30_minor + excluded.to_30_minor,
    to_60_minor = t.to_60_minor + excluded.to_60_minor,
    to_90_minor = t.to_90_minor + excluded.to_90_minor,
    older_minor = t.older_minor + excluded.older_minor,
    unbilled_minor = t.unbilled_minor + excluded.unbilled_minor,
    advance_minor = t.advance_minor + excluded.advance_minor,
    later_minor = t.later_minor + excluded.later_minor
