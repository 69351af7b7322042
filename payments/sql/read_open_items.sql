-- Purpose: what is still unpaid of the bills of accounts, bill by bill, and since when.
-- Parameters: accounts (ids).
-- Invariant: the bills of an account add up to its balance at most. What pays or credits the account without naming a
-- bill (credit bills, adjustments, unused money) counts for the oldest bill first; what was written off or taken back
-- by a credit note is not owed.
WITH bills AS (
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
), laid AS (
    SELECT *, sum(open_minor) OVER (PARTITION BY account_id ORDER BY due_on, id) AS until_minor,
           sum(open_minor) OVER (PARTITION BY account_id) AS all_minor
    FROM bills WHERE open_minor > 0
), credited AS (
    SELECT l.*, greatest(l.all_minor - greatest(coalesce(b.amount_minor, 0), 0), 0) AS credit_minor
    FROM laid l
    JOIN subscribers_account a ON a.id = l.account_id
    LEFT JOIN ledger_balance b ON b.account_id = a.ledger_account_id
)
SELECT account_id, id, number, issued_on, due_on,
       least(open_minor, until_minor - credit_minor)::bigint AS open_minor
FROM credited
WHERE until_minor > credit_minor
ORDER BY account_id, due_on, id
