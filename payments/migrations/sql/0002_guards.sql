-- Money received is written once, whole.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payments_payment
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payments_allocation
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();

-- No payment and no invoice is used twice: sums are proved once a statement, the rows locked so that two writers meet here.
CREATE FUNCTION payments_allocation_guard() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
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
CREATE TRIGGER guard AFTER INSERT ON payments_allocation REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION payments_allocation_guard();

ALTER TABLE payments_payment ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE payments_allocation ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE payments_allocation ENABLE ALWAYS TRIGGER guard;
REVOKE ALL ON payments_payment, payments_allocation FROM saldo_app;
GRANT SELECT, INSERT ON payments_payment, payments_allocation TO saldo_app;
REVOKE EXECUTE ON FUNCTION payments_allocation_guard() FROM PUBLIC;

-- reverse --
DROP TRIGGER guard ON payments_allocation;
DROP FUNCTION payments_allocation_guard();
DROP TRIGGER append_only ON payments_allocation;
DROP TRIGGER append_only ON payments_payment;
GRANT SELECT, INSERT, UPDATE, DELETE ON payments_payment, payments_allocation TO saldo_app;
