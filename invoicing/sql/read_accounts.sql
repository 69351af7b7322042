-- Purpose: the accounts of a chunk with name, address and balance as of the run's limit in the books, in the order of ids.
-- Parameters: cycle, lo, hi, until, through and after (entry ids), shown_from (first day whose payments are shown).
-- Invariant: previous balance + payments + corrections = balance, whatever is posted while the run works.
WITH scope AS (
    SELECT a.id, a.number, a.state, a.currency, a.ledger_account_id, a.address, s.name, s.language
    FROM subscribers_account a
    JOIN subscribers_subscriber s ON s.id = a.subscriber_id
    WHERE a.cycle_id = %(cycle)s AND a.id BETWEEN %(lo)s AND %(hi)s AND a.opened_on < %(until)s
),
movement AS (
    SELECT p.debit_id AS account_id, p.credit_id AS other_id, p.entry_id, p.amount_minor
    FROM ledger_posting p
    WHERE p.debit_id IN (SELECT ledger_account_id FROM scope) AND p.entry_id > %(after)s
    UNION ALL
    SELECT p.credit_id, p.debit_id, p.entry_id, -p.amount_minor
    FROM ledger_posting p
    WHERE p.credit_id IN (SELECT ledger_account_id FROM scope) AND p.entry_id > %(after)s
),
moved AS (
    SELECT
        m.account_id,
        sum(m.amount_minor) FILTER (WHERE m.entry_id > %(through)s) AS later_minor,
        sum(m.amount_minor) FILTER (
            WHERE m.entry_id <= %(through)s AND e.posted_on >= %(shown_from)s AND o.kind IN ('CLEARING', 'SUSPENSE')
        ) AS payments_minor,
        sum(m.amount_minor) FILTER (
            WHERE m.entry_id <= %(through)s AND e.posted_on >= %(shown_from)s
              AND o.kind NOT IN ('CLEARING', 'SUSPENSE') AND e.source_type <> 'INVOICE'
        ) AS corrections_minor
    FROM movement m
    JOIN ledger_account o ON o.id = m.other_id
    JOIN ledger_entry e ON e.id = m.entry_id
    GROUP BY m.account_id
)
SELECT
    c.id, c.number, c.state, c.currency, c.ledger_account_id, c.address, c.name, c.language,
    (coalesce(b.amount_minor, 0) - coalesce(m.later_minor, 0))::bigint,
    coalesce(m.payments_minor, 0)::bigint,
    coalesce(m.corrections_minor, 0)::bigint
FROM scope c
LEFT JOIN ledger_balance b ON b.account_id = c.ledger_account_id
LEFT JOIN moved m ON m.account_id = c.ledger_account_id
ORDER BY c.id
