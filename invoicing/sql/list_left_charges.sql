-- Purpose: what would come onto the next bill of an account that had its final bill, by account and kind: what it pays for others
-- or gets back of that (CARRIED), charges entered for it (CHARGE), corrections of usage billed before (CORRECTION), and what a bill had
-- charged that was taken back and is on no bill after it, and does not come to nothing by now (FREED), without tax.
-- Parameters: account_number (null: every account).
-- Invariant: no ordinary run bills any of it; an extra bill does.
SELECT w.account_id, a.number, s.name, a.currency, f.ended_on, w.kind, sum(w.amount_micro)::bigint, count(*)::bigint
FROM (
    SELECT c.payer_id AS account_id, 'CARRIED' AS kind, -c.sign * l.net_minor * (10 ^ (6 - i.currency_digits))::bigint AS amount_micro
    FROM invoicing_carriedcharge c
    JOIN invoicing_invoice i ON i.id = c.invoice_id AND i.number IS NOT NULL
    JOIN invoicing_invoiceline l ON l.invoice_id = c.invoice_id AND l.n = c.n
    WHERE NOT EXISTS (SELECT FROM invoicing_carriedbilling k WHERE k.carried_id = c.id)
    UNION ALL
    SELECT c.account_id, 'CHARGE', c.price_micro * c.quantity
    FROM invoicing_finalbill f
    JOIN invoicing_oneoffcharge c ON c.account_id = f.account_id AND c.state = 'READY'
    WHERE NOT EXISTS (SELECT FROM invoicing_chargebilling b WHERE b.charge_id = c.id)
    UNION ALL
    SELECT c.account_id, 'CORRECTION', c.amount_micro
    FROM invoicing_finalbill f
    JOIN rating_correctiontotal c ON c.account_id = f.account_id AND c.amount_micro <> 0
    WHERE NOT EXISTS (
        SELECT FROM invoicing_invoice i
        WHERE i.account_id = c.account_id AND i.period_until > c.bill_period AND i.state <> 'CANCELLED'
    )
    UNION ALL
    -- What the other kinds show of it, and usage that is held, is left to them.
    SELECT b.account_id, 'FREED', l.net_minor * (10 ^ (6 - b.currency_digits))::bigint
    FROM invoicing_finalbill f
    JOIN invoicing_creditnote c ON c.account_id = f.account_id AND c.state = 'POSTED' AND c.freed_after_id IS NOT NULL
    JOIN invoicing_invoice b ON b.id = c.invoice_id
    JOIN invoicing_invoiceline l ON l.invoice_id = b.id
    WHERE NOT EXISTS (SELECT FROM invoicing_freedsettlement s WHERE s.credit_note_id = c.id) AND EXISTS (
        SELECT FROM unnest(c.freed_periods) AS p (period_from)
        WHERE NOT EXISTS (
            SELECT FROM invoicing_invoice o
            WHERE o.account_id = c.account_id AND o.id > c.freed_after_id AND o.period_from >= p.period_from
              AND (o.state <> 'CANCELLED' OR o.number IS NOT NULL)
        )
    ) AND CASE l.kind
        WHEN 'TAKEN_ON' THEN false
        WHEN 'ROUNDING' THEN false
        WHEN 'ONE_OFF' THEN l.explanation ->> 'charge' IS NULL
        WHEN 'USAGE' THEN l.period_from < f.open_from
        WHEN 'CORRECTION' THEN EXISTS (
            SELECT FROM invoicing_invoice o
            WHERE o.account_id = c.account_id AND o.state <> 'CANCELLED'
              AND o.period_until > (l.explanation ->> 'bill_period')::date
        )
        ELSE true
    END
) w
JOIN invoicing_finalbill f ON f.account_id = w.account_id
JOIN subscribers_account a ON a.id = w.account_id
JOIN subscribers_subscriber s ON s.id = a.subscriber_id
WHERE %(account_number)s::text IS NULL OR a.number = %(account_number)s
GROUP BY w.account_id, a.number, s.name, a.currency, f.ended_on, w.kind
ORDER BY f.ended_on, w.account_id, w.kind
