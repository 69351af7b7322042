-- A decided write-off never changes, nor do its bills; nothing that is written down about money is taken away.
CREATE FUNCTION payments_keep_write_off() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'write-off % is decided', OLD.id
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'payments_writeoff_is_history';
END $$;
CREATE FUNCTION payments_keep_write_off_item() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM payments_writeoff WHERE id = NEW.write_off_id AND state = 'PROPOSED')
        OR (TG_OP = 'UPDATE' AND to_jsonb(NEW) - '{written_minor,tax_minor}'::text[]
            IS DISTINCT FROM to_jsonb(OLD) - '{written_minor,tax_minor}'::text[])
    THEN
        RAISE EXCEPTION 'the bills of a write-off stay as they were proposed'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'payments_writeoff_is_history';
    END IF;
    RETURN NEW;
END $$;
-- Of a bill no more is paid, written off and not recovered than it demands. Called for the bills that a writer holds.
CREATE FUNCTION payments_prove_bills(bills bigint[]) RETURNS void LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT 1
        FROM (
            SELECT t.invoice_id, sum(t.written_minor) AS written_minor,
                   sum(coalesce((SELECT sum(r.amount_minor) FROM payments_baddebtrecovery r WHERE r.item_id = t.id), 0))
                       AS recovered_minor
            FROM payments_writeoffitem t JOIN payments_writeoff w ON w.id = t.write_off_id AND w.state = 'APPROVED'
            WHERE t.invoice_id = ANY (bills) GROUP BY t.invoice_id
        ) AS given
        JOIN invoicing_invoice i ON i.id = given.invoice_id
        WHERE given.recovered_minor > given.written_minor
           OR given.written_minor - given.recovered_minor + coalesce(
                  (SELECT sum(a.amount_minor) FROM payments_allocation a WHERE a.invoice_id = given.invoice_id), 0
              ) > i.gross_minor
    ) THEN
        RAISE EXCEPTION 'more of a bill is paid and written off than it demands'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payments_writeoff_within_invoice';
    END IF;
END $$;
CREATE FUNCTION payments_prove_write_off() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM payments_prove_bills(
        (SELECT array_agg(invoice_id) FROM payments_writeoffitem WHERE write_off_id = NEW.id));
    RETURN NULL;
END $$;
CREATE FUNCTION payments_prove_recovered() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM payments_prove_bills((
        SELECT array_agg(t.invoice_id) FROM added n JOIN payments_writeoffitem t ON t.id = n.item_id
    ));
    RETURN NULL;
END $$;
CREATE FUNCTION payments_prove_allocated() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    bills bigint[];
BEGIN
    -- Hardly ever is money used for a bill that was written off.
    SELECT array_agg(t.invoice_id) INTO bills FROM payments_writeoffitem t
    WHERE t.invoice_id IN (SELECT invoice_id FROM added);
    IF bills IS NOT NULL THEN
        PERFORM payments_prove_bills(bills);
    END IF;
    RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION payments_keep_write_off(), payments_keep_write_off_item(), payments_prove_write_off(),
    payments_prove_recovered(), payments_prove_allocated() FROM PUBLIC;

CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON payments_writeoff
    FOR EACH ROW WHEN (OLD.state <> 'PROPOSED') EXECUTE FUNCTION payments_keep_write_off();
CREATE TRIGGER keep BEFORE INSERT OR UPDATE ON payments_writeoffitem
    FOR EACH ROW EXECUTE FUNCTION payments_keep_write_off_item();
CREATE TRIGGER prove AFTER UPDATE ON payments_writeoff
    FOR EACH ROW WHEN (NEW.state = 'APPROVED') EXECUTE FUNCTION payments_prove_write_off();
CREATE TRIGGER prove AFTER INSERT ON payments_baddebtrecovery REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION payments_prove_recovered();
CREATE TRIGGER prove_written_off AFTER INSERT ON payments_allocation REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION payments_prove_allocated();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payments_baddebtrecovery
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
ALTER TABLE payments_writeoff ENABLE ALWAYS TRIGGER keep;
ALTER TABLE payments_writeoff ENABLE ALWAYS TRIGGER prove;
ALTER TABLE payments_writeoffitem ENABLE ALWAYS TRIGGER keep;
ALTER TABLE payments_baddebtrecovery ENABLE ALWAYS TRIGGER prove;
ALTER TABLE payments_baddebtrecovery ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE payments_allocation ENABLE ALWAYS TRIGGER prove_written_off;
SELECT audit_follow('payments_writeoff');
REVOKE DELETE ON payments_writeoff, payments_writeoffitem FROM saldo_app;
REVOKE ALL ON payments_baddebtrecovery FROM saldo_app;
GRANT SELECT, INSERT ON payments_baddebtrecovery TO saldo_app;

-- reverse --
GRANT SELECT, INSERT, UPDATE, DELETE ON payments_baddebtrecovery TO saldo_app;
GRANT DELETE ON payments_writeoff, payments_writeoffitem TO saldo_app;
DROP TRIGGER follow ON payments_writeoff;
DROP TRIGGER append_only ON payments_baddebtrecovery;
DROP TRIGGER prove_written_off ON payments_allocation;
DROP TRIGGER prove ON payments_baddebtrecovery;
DROP TRIGGER prove ON payments_writeoff;
DROP TRIGGER keep ON payments_writeoffitem;
DROP TRIGGER keep ON payments_writeoff;
DROP FUNCTION payments_prove_allocated();
DROP FUNCTION payments_prove_recovered();
DROP FUNCTION payments_prove_write_off();
DROP FUNCTION payments_prove_bills(bigint[]);
DROP FUNCTION payments_keep_write_off_item();
DROP FUNCTION payments_keep_write_off();
