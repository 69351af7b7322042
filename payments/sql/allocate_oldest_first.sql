-- Use unused money of many accounts for their open invoices, the oldest money for the oldest debt. What is
-- disputed is left alone until it is answered.
-- Parameters: run_id, first_account_id, last_account_id: accounts that a bill run billed, between two ids (the caller
-- holds their rows locked); one_by_one (ids): those of them that are left out.
-- Invariant: within an account the sum used is the smaller of unused money and what is to be paid; the twin of payments.domain.allocation.
-- Both lists are laid end to end as ranges of minor units; where a payment's range and an invoice's range meet, money is used.
WITH billed AS (
    SELECT DISTINCT account_id FROM invoicing_invoice
    WHERE run_id = %(run_id)s AND account_id BETWEEN %(first_account_id)s AND %(last_account_id)s AND state = 'POSTED'
      -- The few whose debts are not simply open bills by age are reckoned one by one.
      AND NOT (account_id = ANY (%(one_by_one)s))
), unused AS (
    SELECT p.account_id, p.id, p.amount_minor - coalesce(u.used_minor, 0) - coalesce(g.back_minor, 0) AS amount_minor
    FROM billed b
    JOIN payments_payment p ON p.account_id = b.account_id AND p.state = 'POSTED'
    LEFT JOIN LATERAL (
        SELECT sum(a.amount_minor)::bigint AS used_minor FROM payments_allocation a WHERE a.payment_id = p.id
    ) u ON true
    LEFT JOIN LATERAL (
        SELECT sum(r.amount_minor)::bigint AS back_minor FROM payments_refundpart r WHERE r.payment_id = p.id
    ) g ON true
    -- What was taken back is nobody's money.
    WHERE NOT EXISTS (SELECT FROM payments_paymentreversal r WHERE r.payment_id = p.id)
), given_up AS MATERIALIZED (
    SELECT t.invoice_id, sum(t.written_minor - coalesce(
        (SELECT sum(r.amount_minor) FROM payments_baddebtrecovery r WHERE r.item_id = t.id), 0))::bigint AS amount_minor
    FROM billed b JOIN payments_writeoffitem t ON t.account_id = b.account_id
    JOIN payments_writeoff w ON w.id = t.write_off_id AND w.state = 'APPROVED'
    GROUP BY t.invoice_id
), owed AS (
    SELECT i.account_id, i.id, i.due_on,
           i.gross_minor - coalesce(u.used_minor, 0) - coalesce(g.amount_minor, 0) AS amount_minor
    FROM billed b
    JOIN invoicing_invoice i ON i.account_id = b.account_id AND i.state = 'POSTED' AND i.gross_minor > 0
    LEFT JOIN given_up g ON g.invoice_id = i.id
    LEFT JOIN LATERAL (
        SELECT sum(a.amount_minor)::bigint AS used_minor FROM payments_allocation a WHERE a.invoice_id = i.id
    ) u ON true
), disputed AS MATERIALIZED (
    SELECT d.invoice_id, sum(d.disputed_minor)::bigint AS amount_minor
    FROM billed b JOIN invoicing_dispute d ON d.account_id = b.account_id AND d.state = 'OPEN'
    GROUP BY d.invoice_id
), payable AS (
    SELECT o.account_id, o.id, o.due_on,
           o.amount_minor - greatest(0, least(o.amount_minor, coalesce(d.amount_minor, 0))) AS amount_minor
    FROM owed o
    LEFT JOIN disputed d ON d.invoice_id = o.id
), money AS (
    SELECT account_id, id AS payment_id, amount_minor,
           (sum(amount_minor) OVER (PARTITION BY account_id ORDER BY id))::bigint AS until_minor
    FROM unused WHERE amount_minor > 0
), debts AS (
    SELECT account_id, id AS invoice_id, amount_minor,
           (sum(amount_minor) OVER (PARTITION BY account_id ORDER BY due_on, id))::bigint AS until_minor
    FROM payable WHERE amount_minor > 0
)
INSERT INTO payments_allocation (payment_id, invoice_id, amount_minor)
SELECT m.payment_id, d.invoice_id,
       sum(least(m.until_minor, d.until_minor)
           - greatest(m.until_minor - m.amount_minor, d.until_minor - d.amount_minor))
FROM money m
JOIN debts d ON d.account_id = m.account_id
    AND m.until_minor - m.amount_minor < d.until_minor
    AND d.until_minor - d.amount_minor < m.until_minor
GROUP BY m.payment_id, d.invoice_id
ORDER BY m.payment_id, d.invoice_id
RETURNING amount_minor
