-- The steps of a closed period stay as they are.
CREATE FUNCTION invoicing_keep_steps() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM ledger_accountingperiod p
        WHERE p.id IN (CASE WHEN TG_OP <> 'INSERT' THEN OLD.period_id END, CASE WHEN TG_OP <> 'DELETE' THEN NEW.period_id END)
          AND p.state = 'CLOSED'
    ) THEN
        RAISE EXCEPTION 'the period is closed: its steps stay as they are'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'invoicing_periodstep_closed_stays';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER keep_steps AFTER INSERT OR UPDATE OR DELETE ON invoicing_periodstep
    FOR EACH ROW EXECUTE FUNCTION invoicing_keep_steps();
ALTER TABLE invoicing_periodstep ENABLE ALWAYS TRIGGER keep_steps;
REVOKE DELETE ON invoicing_periodstep FROM saldo_app;
REVOKE EXECUTE ON FUNCTION invoicing_keep_steps() FROM PUBLIC;
SELECT audit_follow('invoicing_periodstep');

-- reverse --
DROP TRIGGER follow ON invoicing_periodstep;
DROP TRIGGER keep_steps ON invoicing_periodstep;
DROP FUNCTION invoicing_keep_steps();
GRANT DELETE ON invoicing_periodstep TO saldo_app;
