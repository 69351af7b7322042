-- A payment that stands is moved to other bills: who moved it and why is written first, in the same transaction.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payments_paymentreallocation
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
ALTER TABLE payments_paymentreallocation ENABLE ALWAYS TRIGGER append_only;
REVOKE ALL ON payments_paymentreallocation FROM saldo_app;
GRANT SELECT, INSERT ON payments_paymentreallocation TO saldo_app;

-- As before, and: of a payment that is moved its uses are taken back too.
CREATE OR REPLACE FUNCTION payments_allocation_guard() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM payments_payment WHERE id IN (SELECT payment_id FROM added) ORDER BY id FOR NO KEY UPDATE;
    PERFORM 1 FROM invoicing_invoice WHERE id IN (SELECT invoice_id FROM added) ORDER BY id FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT 1 FROM added a
        LEFT JOIN payments_payment p ON p.id = a.payment_id
        LEFT JOIN invoicing_invoice i ON i.id = a.invoice_id
        WHERE (i.state IS DISTINCT FROM 'POSTED' AND a.amount_minor > 0) OR i.account_id IS DISTINCT FROM p.account_id
    ) THEN
        RAISE EXCEPTION 'a payment may only be used for a posted invoice of its own account'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'payments_allocation_own_invoice';
    END IF;
    IF EXISTS (
        SELECT 1 FROM added a
        LEFT JOIN payments_paymentreversal r ON r.payment_id = a.payment_id
        WHERE (a.amount_minor > 0 AND r.id IS NOT NULL)
           OR (a.amount_minor < 0 AND r.id IS NULL AND NOT EXISTS (
                  SELECT 1 FROM payments_paymentreallocation m
                  WHERE m.payment_id = a.payment_id AND m.recorded_at = transaction_timestamp()
              ))
    ) THEN
        RAISE EXCEPTION 'only of a payment reversed or moved is anything taken back, and of the first nothing is used'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'payments_allocation_of_reversed';
    END IF;
    IF EXISTS (SELECT 1 FROM added WHERE amount_minor < 0) AND EXISTS (
        SELECT 1 FROM payments_allocation a
        WHERE a.payment_id IN (SELECT payment_id FROM added)
        GROUP BY a.payment_id, a.invoice_id HAVING sum(a.amount_minor) < 0
    ) THEN
        RAISE EXCEPTION 'more is taken back than was used'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payments_allocation_net_not_negative';
    END IF;
    IF EXISTS (
        SELECT 1 FROM payments_payment p
        JOIN payments_allocation a ON a.payment_id = p.id
        WHERE p.id IN (SELECT payment_id FROM added)
        GROUP BY p.id HAVING sum(a.amount_minor) > p.amount_minor
    ) THEN
        RAISE EXCEPTION 'more of a payment is used than was paid'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payments_allocation_within_payment';
    END IF;
    IF EXISTS (
        SELECT 1 FROM invoicing_invoice i
        JOIN payments_allocation a ON a.invoice_id = i.id
        WHERE i.id IN (SELECT invoice_id FROM added)
        GROUP BY i.id HAVING sum(a.amount_minor) > i.gross_minor
    ) THEN
        RAISE EXCEPTION 'more is paid on an invoice than it demands'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payments_allocation_within_invoice';
    END IF;
    RETURN NULL;
END $$;

-- reverse --
CREATE OR REPLACE FUNCTION payments_allocation_guard() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM payments_payment WHERE id IN (SELECT payment_id FROM added) ORDER BY id FOR NO KEY UPDATE;
    PERFORM 1 FROM invoicing_invoice WHERE id IN (SELECT invoice_id FROM added) ORDER BY id FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT 1 FROM added a
        LEFT JOIN payments_payment p ON p.id = a.payment_id
        LEFT JOIN invoicing_invoice i ON i.id = a.invoice_id
        WHERE (i.state IS DISTINCT FROM 'POSTED' AND a.amount_minor > 0) OR i.account_id IS DISTINCT FROM p.account_id
    ) THEN
        RAISE EXCEPTION 'a payment may only be used for a posted invoice of its own account'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'payments_allocation_own_invoice';
    END IF;
    IF EXISTS (
        SELECT 1 FROM added a
        WHERE (a.amount_minor < 0)
            <> EXISTS (SELECT 1 FROM payments_paymentreversal r WHERE r.payment_id = a.payment_id)
    ) THEN
        RAISE EXCEPTION 'only of a reversed payment is anything taken back, and nothing of it is used'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'payments_allocation_of_reversed';
    END IF;
    IF EXISTS (SELECT 1 FROM added WHERE amount_minor < 0) AND EXISTS (
        SELECT 1 FROM payments_allocation a
        WHERE a.payment_id IN (SELECT payment_id FROM added)
        GROUP BY a.payment_id, a.invoice_id HAVING sum(a.amount_minor) < 0
    ) THEN
        RAISE EXCEPTION 'more is taken back than was used'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payments_allocation_net_not_negative';
    END IF;
    IF EXISTS (
        SELECT 1 FROM payments_payment p
        JOIN payments_allocation a ON a.payment_id = p.id
        WHERE p.id IN (SELECT payment_id FROM added)
        GROUP BY p.id HAVING sum(a.amount_minor) > p.amount_minor
    ) THEN
        RAISE EXCEPTION 'more of a payment is used than was paid'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payments_allocation_within_payment';
    END IF;
    IF EXISTS (
        SELECT 1 FROM invoicing_invoice i
        JOIN payments_allocation a ON a.invoice_id = i.id
        WHERE i.id IN (SELECT invoice_id FROM added)
        GROUP BY i.id HAVING sum(a.amount_minor) > i.gross_minor
    ) THEN
        RAISE EXCEPTION 'more is paid on an invoice than it demands'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payments_allocation_within_invoice';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER append_only ON payments_paymentreallocation;
GRANT SELECT, INSERT, UPDATE, DELETE ON payments_paymentreallocation TO saldo_app;
