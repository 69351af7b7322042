-- A mandate stays as it was signed; it becomes a recurring one, and it ends once.
CREATE FUNCTION payments_keep_mandate() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.state = 'REVOKED' OR to_jsonb(NEW) - '{sequence,state,revoked_at,revoked_reason}'::text[]
        IS DISTINCT FROM to_jsonb(OLD) - '{sequence,state,revoked_at,revoked_reason}'::text[]
    THEN
        RAISE EXCEPTION 'mandate % stays as it was signed', OLD.reference
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'payments_debitmandate_is_signed';
    END IF;
    RETURN NEW;
END $$;
-- What was sent to the bank stays: a batch goes on to its end, its orders get their answers.
CREATE FUNCTION payments_keep_debit_batch() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.state = 'CANCELLED' OR NEW.state IN ('PROPOSED', 'CANCELLED')
        OR (OLD.state = 'ANSWERED' AND NEW.state <> 'ANSWERED')
        OR to_jsonb(NEW) - '{state,downloaded_at}'::text[] IS DISTINCT FROM to_jsonb(OLD) - '{state,downloaded_at}'::text[]
    THEN
        RAISE EXCEPTION 'batch % was released or cancelled', OLD.id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'payments_debitbatch_is_history';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION payments_keep_debit_item() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    batch bigint := CASE TG_OP WHEN 'DELETE' THEN OLD.batch_id ELSE NEW.batch_id END;
    answer text[] := '{state,payment_id,reason_code,reason_text,failed_on,retry_on,answered_at}';
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - answer IS NOT DISTINCT FROM to_jsonb(OLD) - answer
        AND (OLD.state, NEW.state) IN (
            ('OPEN', 'PAID'), ('OPEN', 'FAILED'), ('PAID', 'RETURNED'), ('FAILED', 'FAILED'), ('RETURNED', 'RETURNED')
        )
    THEN
        RETURN NEW;
    END IF;
    IF NOT EXISTS (SELECT FROM payments_debitbatch WHERE id = batch AND state = 'PROPOSED') THEN
        RAISE EXCEPTION 'order %/% was released', batch, CASE TG_OP WHEN 'DELETE' THEN OLD.n ELSE NEW.n END
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'payments_debititem_is_history';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE FUNCTION payments_keep_debit_bill() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    item bigint := CASE TG_OP WHEN 'DELETE' THEN OLD.item_id ELSE NEW.item_id END;
BEGIN
    IF NOT EXISTS (
        SELECT FROM payments_debititem i JOIN payments_debitbatch b ON b.id = i.batch_id
        WHERE i.id = item AND b.state = 'PROPOSED'
    ) THEN
        RAISE EXCEPTION 'order % was released', item
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'payments_debititem_is_history';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
-- What is released adds up: orders to the batch, bills to their order.
CREATE FUNCTION payments_prove_debit_batch() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF (NEW.item_count, NEW.amount_minor) IS DISTINCT FROM (
            SELECT (count(*)::integer, coalesce(sum(amount_minor), 0)::bigint)
            FROM payments_debititem WHERE batch_id = NEW.id
        ) OR EXISTS (
            SELECT FROM payments_debititem i WHERE i.batch_id = NEW.id AND i.amount_minor IS DISTINCT FROM (
                SELECT sum(l.amount_minor)::bigint FROM payments_debititembill l WHERE l.item_id = i.id)
        )
    THEN
        RAISE EXCEPTION 'the orders of batch % do not add up', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payments_debitbatch_adds_up';
    END IF;
    RETURN NULL;
END $$;
-- An answer is carried out once.
CREATE FUNCTION payments_keep_debit_result() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.state <> 'WAITING' OR to_jsonb(NEW) - 'state' IS DISTINCT FROM to_jsonb(OLD) - 'state' THEN
        RAISE EXCEPTION 'an answer of the bank is never changed'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'payments_debitresult_is_history';
    END IF;
    RETURN NEW;
END $$;
-- The only way to read bank accounts: those of a batch that is to be sent, or was.
CREATE FUNCTION payments_bank_accounts_of_batch(batch bigint) RETURNS TABLE (item_id bigint, iban text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT i.id, a.iban::text
    FROM payments_debitbatch b
    JOIN payments_debititem i ON i.batch_id = b.id
    JOIN payments_debitbankaccount a ON a.mandate_id = i.mandate_id
    WHERE b.id = batch AND b.state <> 'CANCELLED'
$$;
REVOKE EXECUTE ON FUNCTION payments_keep_mandate(), payments_keep_debit_batch(), payments_keep_debit_item(),
    payments_keep_debit_bill(), payments_prove_debit_batch(), payments_keep_debit_result(),
    payments_bank_accounts_of_batch(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION payments_bank_accounts_of_batch(bigint) TO saldo_app;

CREATE TRIGGER keep BEFORE UPDATE ON payments_debitmandate
    FOR EACH ROW EXECUTE FUNCTION payments_keep_mandate();
CREATE TRIGGER keep BEFORE UPDATE ON payments_debitbatch
    FOR EACH ROW WHEN (OLD.state <> 'PROPOSED') EXECUTE FUNCTION payments_keep_debit_batch();
CREATE TRIGGER prove AFTER UPDATE ON payments_debitbatch
    FOR EACH ROW WHEN (OLD.state = 'PROPOSED' AND NEW.state = 'RELEASED') EXECUTE FUNCTION payments_prove_debit_batch();
CREATE TRIGGER keep BEFORE INSERT OR UPDATE OR DELETE ON payments_debititem
    FOR EACH ROW EXECUTE FUNCTION payments_keep_debit_item();
CREATE TRIGGER keep BEFORE INSERT OR UPDATE OR DELETE ON payments_debititembill
    FOR EACH ROW EXECUTE FUNCTION payments_keep_debit_bill();
CREATE TRIGGER keep BEFORE UPDATE ON payments_debitresultline
    FOR EACH ROW EXECUTE FUNCTION payments_keep_debit_result();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payments_debitbankaccount
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payments_debitresultfile
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
ALTER TABLE payments_debitmandate ENABLE ALWAYS TRIGGER keep;
ALTER TABLE payments_debitbatch ENABLE ALWAYS TRIGGER keep;
ALTER TABLE payments_debitbatch ENABLE ALWAYS TRIGGER prove;
ALTER TABLE payments_debititem ENABLE ALWAYS TRIGGER keep;
ALTER TABLE payments_debititembill ENABLE ALWAYS TRIGGER keep;
ALTER TABLE payments_debitresultline ENABLE ALWAYS TRIGGER keep;
ALTER TABLE payments_debitbankaccount ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE payments_debitresultfile ENABLE ALWAYS TRIGGER append_only;
SELECT audit_follow('payments_debitcreditor');
SELECT audit_follow('payments_debitmandate');
SELECT audit_follow('payments_debitbatch');
REVOKE DELETE ON payments_debitcreditor, payments_debitmandate, payments_debitbatch, payments_debitresultline
    FROM saldo_app;
REVOKE ALL ON payments_debitbankaccount, payments_debitresultfile FROM saldo_app;
GRANT INSERT ON payments_debitbankaccount TO saldo_app;
GRANT SELECT, INSERT ON payments_debitresultfile TO saldo_app;

-- reverse --
GRANT SELECT, INSERT, UPDATE, DELETE ON payments_debitbankaccount, payments_debitresultfile TO saldo_app;
GRANT DELETE ON payments_debitcreditor, payments_debitmandate, payments_debitbatch, payments_debitresultline
    TO saldo_app;
DROP TRIGGER follow ON payments_debitbatch;
DROP TRIGGER follow ON payments_debitmandate;
DROP TRIGGER follow ON payments_debitcreditor;
DROP TRIGGER append_only ON payments_debitresultfile;
DROP TRIGGER append_only ON payments_debitbankaccount;
DROP TRIGGER keep ON payments_debitresultline;
DROP TRIGGER keep ON payments_debititembill;
DROP TRIGGER keep ON payments_debititem;
DROP TRIGGER prove ON payments_debitbatch;
DROP TRIGGER keep ON payments_debitbatch;
DROP TRIGGER keep ON payments_debitmandate;
DROP FUNCTION payments_bank_accounts_of_batch(bigint);
DROP FUNCTION payments_keep_debit_result();
DROP FUNCTION payments_prove_debit_batch();
DROP FUNCTION payments_keep_debit_bill();
DROP FUNCTION payments_keep_debit_item();
DROP FUNCTION payments_keep_debit_batch();
DROP FUNCTION payments_keep_mandate();
