-- Purpose: how what subscribers owe moved in some days, fixed and mobile apart, from the books.
-- Parameters: first_on, until_on (half-open), currency.
-- Invariant: an account belongs to the section of its first line's kind; the movements are all of its postings.
-- Result: section, closing, billed, corrected, paid, written off, all others (minor units, debits positive).
WITH first_line AS (
    SELECT DISTINCT ON (account_id) account_id, kind FROM subscribers_subscription ORDER BY account_id, id
), home AS MATERIALIZED (
    -- The section is looked up for sums by kind, not here: a join that seems to leave one account makes a slow plan.
    SELECT a.ledger_account_id, coalesce(f.kind, 'OTHER') AS kind
    FROM subscribers_account a
    LEFT JOIN first_line f ON f.account_id = a.id
    WHERE a.currency = %(currency)s
), steps AS (
    SELECT h.kind, CASE
               WHEN e.posted_on >= %(until_on)s THEN 'AFTER'
               WHEN o.kind IN ('CLEARING', 'SUSPENSE') THEN 'PAID'
               WHEN e.source_type = 'INVOICE' THEN 'BILLED'
               WHEN e.source_type = 'CREDIT_NOTE' THEN 'CORRECTED'
               WHEN e.source_type IN ('WRITE_OFF', 'RECOVERY') OR o.kind = 'BAD_DEBT' THEN 'WRITTEN_OFF'
               ELSE 'OTHER'
           END AS step, sum(s.side * p.amount_minor) AS minor
    FROM ledger_entry e
    JOIN ledger_posting p ON p.entry_id = e.id
    CROSS JOIN (VALUES (1), (-1)) AS s (side)
    JOIN home h ON h.ledger_account_id = CASE s.side WHEN 1 THEN p.debit_id ELSE p.credit_id END
    JOIN ledger_account o ON o.id = CASE s.side WHEN 1 THEN p.credit_id ELSE p.debit_id END
    WHERE e.posted_on >= %(first_on)s
    GROUP BY 1, 2
), now AS (
    SELECT h.kind, 'NOW' AS step, coalesce(sum(b.amount_minor), 0) AS minor
    FROM home h LEFT JOIN ledger_balance b ON b.account_id = h.ledger_account_id
    GROUP BY h.kind
), sections AS (
    SELECT c.section, m.step, sum(m.minor) AS minor
    FROM (SELECT * FROM steps UNION ALL SELECT * FROM now) m
    JOIN reconciliation_classsource r ON r.measure = 'RECEIVABLE' AND r.kind = m.kind AND r.item = ''
    JOIN reconciliation_accountingclass c ON c.id = r.accounting_class_id
    GROUP BY c.section, m.step
)
SELECT section,
       coalesce(sum(minor) FILTER (WHERE step = 'NOW'), 0)::bigint
       - coalesce(sum(minor) FILTER (WHERE step = 'AFTER'), 0)::bigint,
       coalesce(sum(minor) FILTER (WHERE step = 'BILLED'), 0)::bigint,
       coalesce(sum(minor) FILTER (WHERE step = 'CORRECTED'), 0)::bigint,
       coalesce(sum(minor) FILTER (WHERE step = 'PAID'), 0)::bigint,
       coalesce(sum(minor) FILTER (WHERE step = 'WRITTEN_OFF'), 0)::bigint,
       coalesce(sum(minor) FILTER (WHERE step = 'OTHER'), 0)::bigint
FROM sections
GROUP BY section
