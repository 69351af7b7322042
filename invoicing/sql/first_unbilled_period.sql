-- Purpose: the oldest bill period of which some usage is on no posted bill; null where all is.
-- Parameters: none.
-- Invariant: an invoice bills every total up to its own period, so what lies behind the last posted one is billed; what
-- a credit note freed is not, until a bill made after it is posted. What two people wrote off is billed never.
SELECT least(
    (
        SELECT min(t.bill_period)
        FROM rating_usagetotal t
        LEFT JOIN (
            SELECT i.account_id, max(i.period_from) AS billed_through
            FROM invoicing_invoice i WHERE i.state = 'POSTED' GROUP BY i.account_id
        ) b ON b.account_id = t.account_id
        WHERE (b.billed_through IS NULL OR t.bill_period > b.billed_through)
          AND NOT EXISTS (
              SELECT FROM invoicing_heldusagedecision d
              WHERE d.account_id = t.account_id AND d.kind = 'WRITE_OFF' AND d.state = 'DONE'
                AND t.bill_period >= d.held_from AND t.bill_period < d.held_until
          )
    ),
    (
        SELECT min(f.period_from)
        FROM invoicing_creditnote c
        CROSS JOIN LATERAL unnest(c.freed_periods) AS f (period_from)
        WHERE c.freed_after_id IS NOT NULL AND c.state = 'POSTED' AND NOT EXISTS (
            SELECT FROM invoicing_invoice i
            WHERE i.account_id = c.account_id AND i.id > c.freed_after_id AND i.state = 'POSTED'
              AND i.period_from >= f.period_from
        )
    )
)
