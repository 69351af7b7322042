-- A payment that was begun stays as it was begun; what is paid stays paid. What providers told is never changed.
CREATE FUNCTION payments_keep_online() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    answer text[] := '{state,reason,provider_reference,payment_id,asked_at,ended_at}';
BEGIN
    IF OLD.state = 'PAID' OR to_jsonb(NEW) - answer IS DISTINCT FROM to_jsonb(OLD) - answer THEN
        RAISE EXCEPTION 'payment % stays as it was begun', OLD.reference
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'payments_onlinepayment_is_history';
    END IF;
    RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION payments_keep_online() FROM PUBLIC;
CREATE TRIGGER keep BEFORE UPDATE ON payments_onlinepayment
    FOR EACH ROW EXECUTE FUNCTION payments_keep_online();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payments_onlinenoticeentry
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
ALTER TABLE payments_onlinepayment ENABLE ALWAYS TRIGGER keep;
ALTER TABLE payments_onlinenoticeentry ENABLE ALWAYS TRIGGER append_only;
REVOKE DELETE ON payments_onlineprovider, payments_onlinepayment FROM saldo_app;
REVOKE ALL ON payments_onlinenoticeentry FROM saldo_app;
GRANT SELECT, INSERT ON payments_onlinenoticeentry TO saldo_app;

-- reverse --
GRANT SELECT, INSERT, UPDATE, DELETE ON payments_onlinenoticeentry TO saldo_app;
GRANT DELETE ON payments_onlineprovider, payments_onlinepayment TO saldo_app;
DROP TRIGGER append_only ON payments_onlinenoticeentry;
DROP TRIGGER keep ON payments_onlinepayment;
DROP FUNCTION payments_keep_online();
