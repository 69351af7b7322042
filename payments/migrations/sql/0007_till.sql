-- A session of a till goes one way and stays as it was closed; who took money, at which till, with what float, stays too.
CREATE FUNCTION payments_keep_till_session() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.state = 'CLOSED'
        OR (OLD.state = 'COUNTED' AND NEW.state <> 'CLOSED')
        OR (OLD.state = 'COUNTED' AND (NEW.counted_at, NEW.counted_by_id, NEW.denominations, NEW.has_difference)
            IS DISTINCT FROM (OLD.counted_at, OLD.counted_by_id, OLD.denominations, OLD.has_difference))
        OR (NEW.till_id, NEW.clerk_id, NEW.opened_at, NEW.opened_on, NEW.float_minor)
            IS DISTINCT FROM (OLD.till_id, OLD.clerk_id, OLD.opened_at, OLD.opened_on, OLD.float_minor)
    THEN
        RAISE EXCEPTION 'session % of a till is history', OLD.id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'payments_tillsession_is_history';
    END IF;
    RETURN NEW;
END $$;
-- A receipt is of an open session of its till. What was taken in a session that is not open any more is reversed by
-- somebody else than who took it.
CREATE FUNCTION payments_guard_till_receipt() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM payments_tillsession
    WHERE id = NEW.session_id AND till_id = NEW.till_id AND state = 'OPEN' FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'session % takes no money', NEW.session_id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'payments_tillreceipt_session_open';
    END IF;
    IF NEW.reverses_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM payments_tillreceipt r
        WHERE r.id = NEW.reverses_id AND r.kind = 'PAYMENT' AND r.amount_minor = NEW.amount_minor
          AND r.account_id = NEW.account_id AND r.currency = NEW.currency
          AND (r.session_id = NEW.session_id OR r.clerk_id <> NEW.clerk_id)
    ) THEN
        RAISE EXCEPTION 'receipt % cannot be reversed so', NEW.reverses_id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'payments_tillreceipt_second_person';
    END IF;
    RETURN NEW;
END $$;
-- Counting is over once the session is closed.
CREATE FUNCTION payments_guard_till_count() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM payments_tillsession WHERE id = NEW.session_id AND state = 'OPEN' FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'session % was counted', NEW.session_id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'payments_tillcount_session_open';
    END IF;
    RETURN NEW;
END $$;
-- No more cash is handed over than was counted beyond the float.
CREATE FUNCTION payments_guard_hand_over() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM payments_tillsession WHERE id = NEW.session_id FOR UPDATE;
    IF (SELECT coalesce(sum(h.amount_minor), 0) FROM payments_cashhandover h WHERE h.session_id = NEW.session_id)
        > coalesce((
            SELECT c.counted_minor - s.float_minor FROM payments_tillsession s
            JOIN payments_tillcount c ON c.session_id = s.id AND c.method = 'CASH'
            WHERE s.id = NEW.session_id AND s.state = 'CLOSED'
        ), 0)
    THEN
        RAISE EXCEPTION 'more cash is handed over than session % has', NEW.session_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payments_cashhandover_within_count';
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION payments_keep_fiscal_mark() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.state = 'REGISTERED' OR NEW.receipt_id <> OLD.receipt_id THEN
        RAISE EXCEPTION 'the device has registered receipt %', OLD.receipt_id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'payments_fiscalregistration_is_history';
    END IF;
    RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION payments_keep_till_session(), payments_guard_till_receipt(), payments_guard_till_count(),
    payments_guard_hand_over(), payments_keep_fiscal_mark() FROM PUBLIC;

CREATE TRIGGER keep BEFORE UPDATE ON payments_tillsession
    FOR EACH ROW EXECUTE FUNCTION payments_keep_till_session();
CREATE TRIGGER guard BEFORE INSERT ON payments_tillreceipt
    FOR EACH ROW EXECUTE FUNCTION payments_guard_till_receipt();
CREATE TRIGGER guard BEFORE INSERT ON payments_tillcount
    FOR EACH ROW EXECUTE FUNCTION payments_guard_till_count();
CREATE TRIGGER guard AFTER INSERT ON payments_cashhandover
    FOR EACH ROW EXECUTE FUNCTION payments_guard_hand_over();
CREATE TRIGGER keep BEFORE UPDATE ON payments_fiscalregistration
    FOR EACH ROW EXECUTE FUNCTION payments_keep_fiscal_mark();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payments_tillreceipt
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payments_receiptpart
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payments_receiptcopy
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payments_tillcount
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payments_cashhandover
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
ALTER TABLE payments_tillsession ENABLE ALWAYS TRIGGER keep;
ALTER TABLE payments_tillreceipt ENABLE ALWAYS TRIGGER guard;
ALTER TABLE payments_tillreceipt ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE payments_receiptpart ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE payments_receiptcopy ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE payments_tillcount ENABLE ALWAYS TRIGGER guard;
ALTER TABLE payments_tillcount ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE payments_cashhandover ENABLE ALWAYS TRIGGER guard;
ALTER TABLE payments_cashhandover ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE payments_fiscalregistration ENABLE ALWAYS TRIGGER keep;
SELECT audit_follow('payments_till');
SELECT audit_follow('payments_tillsession');
SELECT audit_follow('payments_fiscalregistration');
REVOKE ALL ON payments_tillreceipt, payments_receiptpart, payments_receiptcopy, payments_tillcount, payments_cashhandover
    FROM saldo_app;
GRANT SELECT, INSERT ON payments_tillreceipt, payments_receiptpart, payments_receiptcopy, payments_tillcount,
    payments_cashhandover TO saldo_app;
REVOKE DELETE ON payments_till, payments_tillsession, payments_fiscalregistration FROM saldo_app;

-- reverse --
GRANT DELETE ON payments_till, payments_tillsession, payments_fiscalregistration TO saldo_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON payments_tillreceipt, payments_receiptpart, payments_receiptcopy,
    payments_tillcount, payments_cashhandover TO saldo_app;
DROP TRIGGER follow ON payments_fiscalregistration;
DROP TRIGGER follow ON payments_tillsession;
DROP TRIGGER follow ON payments_till;
DROP TRIGGER append_only ON payments_cashhandover;
DROP TRIGGER append_only ON payments_tillcount;
DROP TRIGGER append_only ON payments_receiptcopy;
DROP TRIGGER append_only ON payments_receiptpart;
DROP TRIGGER append_only ON payments_tillreceipt;
DROP TRIGGER keep ON payments_fiscalregistration;
DROP TRIGGER guard ON payments_cashhandover;
DROP TRIGGER guard ON payments_tillcount;
DROP TRIGGER guard ON payments_tillreceipt;
DROP TRIGGER keep ON payments_tillsession;
DROP FUNCTION payments_keep_fiscal_mark();
DROP FUNCTION payments_guard_hand_over();
DROP FUNCTION payments_guard_till_count();
DROP FUNCTION payments_guard_till_receipt();
DROP FUNCTION payments_keep_till_session();
