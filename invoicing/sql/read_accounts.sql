-- Purpose: the accounts of a chunk with name, address and balance as of the run's limit in the books, in the order of ids.
-- Parameters: cycle, lo, hi, only (ids, or null for all), until, through and after (entry ids), shown_from (first day whose payments are shown).
-- Invariant: previous balance + payments + corrections = balance, whatever is posted while the run works.
SELECT
    a.id, a.number, a.state, a.currency, a.ledger_account_id, a.address, s.name, s.language,
    (
        coalesce((SELECT b.amount_minor FROM ledger_balance b WHERE b.account_id = a.ledger_account_id), 0)
        - m.later_minor
    )::bigint,
    m.payments_minor::bigint,
    m.corrections_minor::bigint,
    s.tax_id
FROM subscribers_account a
-- Each is looked up by its key, whatever the planner thinks of reading all of the network: OFFSET keeps them apart.
CROSS JOIN LATERAL (SELECT p.name, p.language, p.tax_id FROM subscribers_subscriber p WHERE p.id = a.subscriber_id OFFSET 0) s
-- Account by account: what moved since the last bill is a few postings, found by account and entry.
CROSS JOIN LATERAL (
    SELECT
        coalesce(sum(m.amount_minor) FILTER (WHERE m.entry_id > %(through)s), 0) AS later_minor,
        coalesce(sum(m.amount_minor) FILTER (
            WHERE m.entry_id <= %(through)s AND e.posted_on >= %(shown_from)s AND o.kind IN ('CLEARING', 'SUSPENSE', 'DEPOSIT')
        ), 0) AS payments_minor,
        coalesce(sum(m.amount_minor) FILTER (
            WHERE m.entry_id <= %(through)s AND e.posted_on >= %(shown_from)s
              AND o.kind NOT IN ('CLEARING', 'SUSPENSE', 'DEPOSIT') AND e.source_type <> 'INVOICE'
        ), 0) AS corrections_minor
    FROM (
        SELECT p.credit_id AS other_id, p.entry_id, p.amount_minor
        FROM ledger_posting p
        WHERE p.debit_id = a.ledger_account_id AND p.entry_id > %(after)s
        UNION ALL
        SELECT p.debit_id, p.entry_id, -p.amount_minor
        FROM ledger_posting p
        WHERE p.credit_id = a.ledger_account_id AND p.entry_id > %(after)s
    ) m
    CROSS JOIN LATERAL (SELECT a.kind FROM ledger_account a WHERE a.id = m.other_id OFFSET 0) o
    CROSS JOIN LATERAL (SELECT l.posted_on, l.source_type FROM ledger_entry l WHERE l.id = m.entry_id OFFSET 0) e
) m
WHERE a.cycle_id = %(cycle)s AND a.id BETWEEN %(lo)s AND %(hi)s
  AND (%(only)s::bigint[] IS NULL OR a.id = ANY (%(only)s)) AND a.opened_on < %(until)s
ORDER BY a.id
