-- A payment that is taken back stays written; its reversal stands beside it, and what was used is taken back row by row.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payments_paymentreversal
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();

-- Money leaves suspense once: no more than there is, in the same currency, and none of a payment that was taken back.
CREATE FUNCTION payments_guard_suspense() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM payments_payment WHERE id = NEW.origin_id FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT 1 FROM payments_payment o
        WHERE o.id = NEW.origin_id AND (
            o.state <> 'SUSPENSE' OR o.amount_currency <> NEW.amount_currency
            OR EXISTS (SELECT 1 FROM payments_paymentreversal r WHERE r.payment_id = o.id)
            OR o.amount_minor < (
                SELECT sum(g.amount_minor) FROM payments_payment g
                WHERE g.origin_id = o.id
                  AND NOT EXISTS (SELECT 1 FROM payments_paymentreversal r WHERE r.payment_id = g.id)
            )
        )
    ) THEN
        RAISE EXCEPTION 'more is given out of suspense than payment % has there', NEW.origin_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payments_payment_within_suspense';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER guard_suspense AFTER INSERT ON payments_payment
    FOR EACH ROW WHEN (NEW.origin_id IS NOT NULL) EXECUTE FUNCTION payments_guard_suspense();

-- What was given out of suspense is taken back first.
CREATE FUNCTION payments_guard_reversal() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM payments_payment WHERE id = NEW.payment_id FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT 1 FROM payments_payment g
        WHERE g.origin_id = NEW.payment_id
          AND NOT EXISTS (SELECT 1 FROM payments_paymentreversal r WHERE r.payment_id = g.id)
    ) THEN
        RAISE EXCEPTION 'payment % was given to its owner', NEW.payment_id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'payments_paymentreversal_given_first';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER guard AFTER INSERT ON payments_paymentreversal
    FOR EACH ROW EXECUTE FUNCTION payments_guard_reversal();

-- At the end of the transaction nothing of a reversed payment is used any more.
CREATE FUNCTION payments_prove_reversal() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM payments_allocation WHERE payment_id = NEW.payment_id HAVING sum(amount_minor) <> 0)
        OR EXISTS (SELECT 1 FROM payments_baddebtrecovery WHERE payment_id = NEW.payment_id HAVING sum(amount_minor) <> 0)
    THEN
        RAISE EXCEPTION 'payment % is taken back and still used', NEW.payment_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payments_paymentreversal_takes_all_back';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER prove AFTER INSERT ON payments_paymentreversal DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION payments_prove_reversal();

-- As before, and: only of a reversed payment is anything taken back, no more than was used; nothing else of it is used.
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

CREATE FUNCTION payments_guard_recovery() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM added a
        WHERE (a.amount_minor < 0)
            <> EXISTS (SELECT 1 FROM payments_paymentreversal r WHERE r.payment_id = a.payment_id)
    ) OR EXISTS (
        SELECT 1 FROM payments_baddebtrecovery b
        WHERE b.payment_id IN (SELECT payment_id FROM added)
        GROUP BY b.payment_id, b.item_id HAVING sum(b.amount_minor) < 0
    ) THEN
        RAISE EXCEPTION 'a recovery is taken back with its payment, and no more than came in'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payments_baddebtrecovery_of_reversed';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER guard AFTER INSERT ON payments_baddebtrecovery REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION payments_guard_recovery();

ALTER TABLE payments_payment ENABLE ALWAYS TRIGGER guard_suspense;
ALTER TABLE payments_paymentreversal ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE payments_paymentreversal ENABLE ALWAYS TRIGGER guard;
ALTER TABLE payments_paymentreversal ENABLE ALWAYS TRIGGER prove;
ALTER TABLE payments_baddebtrecovery ENABLE ALWAYS TRIGGER guard;
REVOKE ALL ON payments_paymentreversal FROM saldo_app;
GRANT SELECT, INSERT ON payments_paymentreversal TO saldo_app;
REVOKE EXECUTE ON FUNCTION payments_guard_suspense(), payments_guard_reversal(), payments_prove_reversal(),
    payments_guard_recovery() FROM PUBLIC;

-- reverse --
DROP TRIGGER guard ON payments_baddebtrecovery;
DROP FUNCTION payments_guard_recovery();
CREATE OR REPLACE FUNCTION payments_allocation_guard() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM payments_payment WHERE id IN (SELECT payment_id FROM added) ORDER BY id FOR NO KEY UPDATE;
    PERFORM 1 FROM invoicing_invoice WHERE id IN (SELECT invoice_id FROM added) ORDER BY id FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT 1 FROM added a
        LEFT JOIN payments_payment p ON p.id = a.payment_id
        LEFT JOIN invoicing_invoice i ON i.id = a.invoice_id
        WHERE i.state IS DISTINCT FROM 'POSTED' OR i.account_id IS DISTINCT FROM p.account_id
    ) THEN
        RAISE EXCEPTION 'a payment may only be used for a posted invoice of its own account'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'payments_allocation_own_invoice';
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
DROP TRIGGER prove ON payments_paymentreversal;
DROP TRIGGER guard ON payments_paymentreversal;
DROP TRIGGER append_only ON payments_paymentreversal;
DROP TRIGGER guard_suspense ON payments_payment;
DROP FUNCTION payments_prove_reversal();
DROP FUNCTION payments_guard_reversal();
DROP FUNCTION payments_guard_suspense();
GRANT SELECT, INSERT, UPDATE, DELETE ON payments_paymentreversal TO saldo_app;
