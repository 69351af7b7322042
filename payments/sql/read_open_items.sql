-- Purpose: what is still unpaid of the bills of accounts, bill by bill, and since when.
-- Parameters: accounts (ids).
-- Invariant: the net amounts of an account's bills add up to its balance at most. What pays or credits the account
-- without naming a bill (credit bills, adjustments, unused money) counts for the oldest bill first, never for what is
-- disputed: only the net amounts, which are for books, have it counted for that too. What was written off or taken
-- back by a credit note is not owed.
WITH disputed AS MATERIALIZED (
    SELECT invoice_id, sum(disputed_minor)::bigint AS minor FROM invoicing_dispute
    WHERE account_id = ANY (%(accounts)s) AND state = 'OPEN'
    GROUP BY invoice_id
), bills AS (
    SELECT i.account_id, i.id, i.number, i.issued_on, i.due_on,
           i.gross_minor - coalesce(paid.minor, 0) - coalesce(given_up.minor, 0)
           + coalesce(credited.minor, 0) AS open_minor
    FROM invoicing_invoice i
    LEFT JOIN LATERAL (
        SELECT sum(a.amount_minor)::bigint AS minor FROM payments_allocation a WHERE a.invoice_id = i.id
    ) paid ON true
    LEFT JOIN LATERAL (
        SELECT sum(t.written_minor - coalesce(
            (SELECT sum(r.amount_minor) FROM payments_baddebtrecovery r WHERE r.item_id = t.id), 0))::bigint AS minor
        FROM payments_writeoffitem t JOIN payments_writeoff w ON w.id = t.write_off_id AND w.state = 'APPROVED'
        WHERE t.invoice_id = i.id
    ) given_up ON true
    LEFT JOIN LATERAL (
        -- Negative: what a credit note takes back.
        SELECT sum(n.gross_minor)::bigint AS minor FROM invoicing_creditnote n
        WHERE n.invoice_id = i.id AND n.state = 'POSTED'
    ) credited ON true
    WHERE i.account_id = ANY (%(accounts)s) AND i.state = 'POSTED' AND i.gross_minor > 0
), parts AS (
    SELECT b.*, greatest(0, least(b.open_minor, coalesce(d.minor, 0))) AS frozen_minor
    FROM bills b LEFT JOIN disputed d ON d.invoice_id = b.id
    WHERE b.open_minor > 0
), laid AS (
    SELECT *, sum(open_minor - frozen_minor) OVER oldest_first AS payable_until,
           sum(open_minor - frozen_minor) OVER account AS payable_all,
           sum(frozen_minor) OVER oldest_first AS frozen_until,
           sum(open_minor) OVER account AS open_all
    FROM parts
    WINDOW account AS (PARTITION BY account_id), oldest_first AS (PARTITION BY account_id ORDER BY due_on, id)
), credited AS (
    SELECT l.*, greatest(l.open_all - greatest(coalesce(b.amount_minor, 0), 0), 0) AS credit_minor
    FROM laid l
    JOIN subscribers_account a ON a.id = l.account_id
    LEFT JOIN ledger_balance b ON b.account_id = a.ledger_account_id
), left_over AS (
    SELECT *, greatest(0, least(open_minor - frozen_minor, payable_until - credit_minor)) AS payable_minor,
           greatest(0, least(frozen_minor, payable_all + frozen_until - greatest(credit_minor, payable_all)))
               AS frozen_net_minor
    FROM credited
)
SELECT account_id, id, number, issued_on, due_on, (payable_minor + frozen_minor)::bigint, frozen_minor,
       (payable_minor + frozen_net_minor)::bigint
FROM left_over
WHERE payable_minor + frozen_minor > 0
ORDER BY account_id, due_on, id
