-- A published policy stays as it is: what was done refers to it. Only its days may end.
CREATE FUNCTION payments_keep_policy() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - 'during' = to_jsonb(NEW) - 'during'
        AND lower(OLD.during) = lower(NEW.during)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'policy % is published: make a new one', OLD.code
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'payments_published_stays';
END $$;
CREATE FUNCTION payments_keep_steps() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    touched bigint[];
BEGIN
    touched := CASE TG_OP WHEN 'INSERT' THEN ARRAY[NEW.policy_id] WHEN 'DELETE' THEN ARRAY[OLD.policy_id]
        ELSE ARRAY[OLD.policy_id, NEW.policy_id] END;
    IF EXISTS (SELECT 1 FROM payments_dunningpolicy WHERE id = ANY (touched) AND state = 'PUBLISHED') THEN
        RAISE EXCEPTION 'the policy is published: its steps stay'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'payments_published_stays';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
-- A promise ends once; what was promised stays.
CREATE FUNCTION payments_keep_promise() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF to_jsonb(NEW) - '{state,ended_at}'::text[] IS DISTINCT FROM to_jsonb(OLD) - '{state,ended_at}'::text[]
        OR OLD.state <> 'OPEN'
    THEN
        RAISE EXCEPTION 'a promise ends once and is never changed'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'payments_promise_is_history';
    END IF;
    RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION payments_keep_policy(), payments_keep_steps(), payments_keep_promise() FROM PUBLIC;
CREATE TRIGGER keep_published BEFORE UPDATE OR DELETE ON payments_dunningpolicy
    FOR EACH ROW WHEN (OLD.state = 'PUBLISHED') EXECUTE FUNCTION payments_keep_policy();
CREATE TRIGGER keep_published BEFORE INSERT OR UPDATE OR DELETE ON payments_dunningstep
    FOR EACH ROW EXECUTE FUNCTION payments_keep_steps();
CREATE TRIGGER keep BEFORE UPDATE ON payments_paymentpromise
    FOR EACH ROW EXECUTE FUNCTION payments_keep_promise();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payments_dunningact
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
ALTER TABLE payments_dunningpolicy ENABLE ALWAYS TRIGGER keep_published;
ALTER TABLE payments_dunningstep ENABLE ALWAYS TRIGGER keep_published;
ALTER TABLE payments_paymentpromise ENABLE ALWAYS TRIGGER keep;
ALTER TABLE payments_dunningact ENABLE ALWAYS TRIGGER append_only;
SELECT audit_follow('payments_dunningpolicy');
SELECT audit_follow('payments_dunningstep');
SELECT audit_follow('payments_paymentpromise');
SELECT audit_follow('payments_dunningexclusion');
REVOKE ALL ON payments_dunningact FROM saldo_app;
GRANT SELECT, INSERT ON payments_dunningact TO saldo_app;
REVOKE DELETE ON payments_dunningrun, payments_dunningcase, payments_paymentpromise, payments_dunningexclusion
    FROM saldo_app;

-- reverse --
GRANT DELETE ON payments_dunningrun, payments_dunningcase, payments_paymentpromise, payments_dunningexclusion
    TO saldo_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON payments_dunningact TO saldo_app;
DROP TRIGGER follow ON payments_dunningexclusion;
DROP TRIGGER follow ON payments_paymentpromise;
DROP TRIGGER follow ON payments_dunningstep;
DROP TRIGGER follow ON payments_dunningpolicy;
DROP TRIGGER append_only ON payments_dunningact;
DROP TRIGGER keep ON payments_paymentpromise;
DROP TRIGGER keep_published ON payments_dunningstep;
DROP TRIGGER keep_published ON payments_dunningpolicy;
DROP FUNCTION payments_keep_promise();
DROP FUNCTION payments_keep_steps();
DROP FUNCTION payments_keep_policy();
