-- What a finished night counted stays as it is; nothing of it is deleted while it runs.
CREATE FUNCTION payments_keep_debt_night() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM payments_debtnight WHERE id = NEW.night_id AND state = 'DONE') THEN
        RAISE EXCEPTION 'the night is counted: its figures stay'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'payments_counted_night_stays';
    END IF;
    RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION payments_keep_debt_night() FROM PUBLIC;
CREATE TRIGGER keep BEFORE INSERT OR UPDATE ON payments_debtage
    FOR EACH ROW EXECUTE FUNCTION payments_keep_debt_night();
ALTER TABLE payments_debtage ENABLE ALWAYS TRIGGER keep;
REVOKE ALL ON payments_debtnight, payments_debtage FROM saldo_app;
GRANT SELECT, INSERT, UPDATE ON payments_debtnight, payments_debtage TO saldo_app;

-- reverse --
DROP TRIGGER keep ON payments_debtage;
DROP FUNCTION payments_keep_debt_night();
