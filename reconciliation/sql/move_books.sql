-- Purpose: how what subscribers owe moved in some days, fixed and mobile apart, from the books.
-- Parameters: first_on, until_on (half-open), currency.
-- Invariant: an account belongs to the section of its first line's kind; the movements are all of its postings.
-- Result: section, closing, billed, corrected, paid, written off, all others (minor units, debits positive).
WITH first_line AS (
    SELECT DISTINCT ON (account_id) account_id, kind FROM subscribers_subscription ORDER BY account_id, id
), home AS MATERIALIZED (
    SELECT a.ledger_account_id, c.section
    FROM subscribers_account a
    LEFT JOIN first_line f ON f.account_id = a.id
    JOIN reconciliation_classsource s ON s.measure = 'RECEIVABLE' AND s.kind = coalesce(f.kind, 'OTHER') AND s.item = ''
    JOIN reconciliation_accountingclass c ON c.id = s.accounting_class_id
    WHERE a.currency = %(currency)s
), sides AS (
    SELECT e.posted_on, e.source_type, s.account_id, s.other_id, s.minor
    FROM ledger_entry e
    JOIN ledger_posting p ON p.entry_id = e.id
    CROSS JOIN LATERAL (
        VALUES (p.debit_id, p.credit_id, p.amount_minor), (p.credit_id, p.debit_id, -p.amount_minor)
    ) AS s (account_id, other_id, minor)
    WHERE e.posted_on >= %(first_on)s
), steps AS (
    SELECT h.section, m.minor, CASE
               WHEN m.posted_on >= %(until_on)s THEN 'AFTER'
               WHEN o.kind IN ('CLEARING', 'SUSPENSE') THEN 'PAID'
               WHEN m.source_type = 'INVOICE' THEN 'BILLED'
               WHEN m.source_type = 'CREDIT_NOTE' THEN 'CORRECTED'
               WHEN m.source_type IN ('WRITE_OFF', 'RECOVERY') OR o.kind = 'BAD_DEBT' THEN 'WRITTEN_OFF'
               ELSE 'OTHER'
           END AS step
    FROM sides m
    JOIN home h ON h.ledger_account_id = m.account_id
    JOIN ledger_account o ON o.id = m.other_id
), now AS (
    SELECT h.section, coalesce(sum(b.amount_minor), 0) AS minor
    FROM home h LEFT JOIN ledger_balance b ON b.account_id = h.ledger_account_id
    GROUP BY h.section
)
SELECT n.section,
       (n.minor - coalesce(sum(s.minor) FILTER (WHERE s.step = 'AFTER'), 0))::bigint,
       coalesce(sum(s.minor) FILTER (WHERE s.step = 'BILLED'), 0)::bigint,
       coalesce(sum(s.minor) FILTER (WHERE s.step = 'CORRECTED'), 0)::bigint,
       coalesce(sum(s.minor) FILTER (WHERE s.step = 'PAID'), 0)::bigint,
       coalesce(sum(s.minor) FILTER (WHERE s.step = 'WRITTEN_OFF'), 0)::bigint,
       coalesce(sum(s.minor) FILTER (WHERE s.step = 'OTHER'), 0)::bigint
FROM now n LEFT JOIN steps s ON s.section = n.section
GROUP BY n.section, n.minor
