-- Purpose: what agents took and what of it was taken back in some days of the books, by agent and rate.
-- Parameters: first, until (days of the books, until is not included).
-- Invariant: received less taken back are the postings of payments and of their reversals on the agents' accounts in
-- these days; a payment and its reversal count with the rate of the payment's own day.
WITH agents AS (
    SELECT DISTINCT agent_id FROM payments_commissionrate
), moved AS (
    SELECT a.agent_id, e.posted_on AS paid_on, p.amount_minor AS received_minor, 0 AS reversed_minor, 1 AS payments
    FROM agents a
    JOIN ledger_posting p ON p.debit_id = a.agent_id
    JOIN ledger_entry e ON e.id = p.entry_id AND e.source_type = 'PAYMENT'
    WHERE e.posted_on >= %(first)s AND e.posted_on < %(until)s
    UNION ALL
    SELECT a.agent_id, o.posted_on, 0, p.amount_minor, 0
    FROM agents a
    JOIN ledger_posting p ON p.credit_id = a.agent_id
    JOIN ledger_entry e ON e.id = p.entry_id AND e.reverses_id IS NOT NULL
    JOIN ledger_entry o ON o.id = e.reverses_id AND o.source_type = 'PAYMENT'
    WHERE e.posted_on >= %(first)s AND e.posted_on < %(until)s
)
SELECT m.agent_id, r.name, r.percent, sum(m.payments)::bigint, sum(m.received_minor)::bigint, sum(m.reversed_minor)::bigint
FROM moved m
LEFT JOIN payments_commissionrate r ON r.agent_id = m.agent_id AND r.during @> m.paid_on
GROUP BY m.agent_id, r.id
ORDER BY m.agent_id, lower(r.during) NULLS FIRST
