-- What accounting said of a set stays as it was noted; only a set that was sent has an answer.
CREATE FUNCTION reconciliation_answer_to_sent() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM reconciliation_revenuetransfer WHERE id = NEW.transfer_id AND state = 'SENT') THEN
        RAISE EXCEPTION 'revenue transfer % is not sent', NEW.transfer_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'reconciliation_transferanswer_of_sent';
    END IF;
    RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION reconciliation_answer_to_sent() FROM PUBLIC;
CREATE TRIGGER of_sent BEFORE INSERT ON reconciliation_transferanswer
    FOR EACH ROW EXECUTE FUNCTION reconciliation_answer_to_sent();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON reconciliation_transferanswer
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
ALTER TABLE reconciliation_transferanswer ENABLE ALWAYS TRIGGER of_sent;
ALTER TABLE reconciliation_transferanswer ENABLE ALWAYS TRIGGER append_only;
REVOKE ALL ON reconciliation_transferanswer FROM saldo_app;
GRANT SELECT, INSERT ON reconciliation_transferanswer TO saldo_app;

-- reverse --
GRANT SELECT, INSERT, UPDATE, DELETE ON reconciliation_transferanswer TO saldo_app;
DROP TRIGGER append_only ON reconciliation_transferanswer;
DROP TRIGGER of_sent ON reconciliation_transferanswer;
DROP FUNCTION reconciliation_answer_to_sent();
