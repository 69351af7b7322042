-- What was sent stays as it was sent, with its lines; a set is sent only if its lines are what it says.
CREATE FUNCTION reconciliation_keep_transfer() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'revenue transfer % is sent', OLD.number
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'reconciliation_revenuetransfer_is_history';
END $$;
CREATE FUNCTION reconciliation_keep_transfer_line() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM reconciliation_revenuetransfer
        WHERE id IN (OLD.transfer_id, NEW.transfer_id) AND state = 'SENT'
    ) THEN
        RAISE EXCEPTION 'the lines of a revenue transfer stay as they were sent'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'reconciliation_revenuetransfer_is_history';
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;
CREATE FUNCTION reconciliation_prove_transfer() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.debit_minor IS DISTINCT FROM (
        SELECT sum(amount_minor) FROM reconciliation_revenuetransferline WHERE transfer_id = NEW.id
    ) THEN
        RAISE EXCEPTION 'the lines of revenue transfer % do not make its sum', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'reconciliation_revenuetransfer_lines_make_sum';
    END IF;
    RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION reconciliation_keep_transfer(), reconciliation_keep_transfer_line(),
    reconciliation_prove_transfer() FROM PUBLIC;

CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON reconciliation_revenuetransfer
    FOR EACH ROW WHEN (OLD.state = 'SENT') EXECUTE FUNCTION reconciliation_keep_transfer();
CREATE TRIGGER keep BEFORE INSERT OR UPDATE OR DELETE ON reconciliation_revenuetransferline
    FOR EACH ROW EXECUTE FUNCTION reconciliation_keep_transfer_line();
CREATE TRIGGER prove AFTER INSERT OR UPDATE ON reconciliation_revenuetransfer
    FOR EACH ROW WHEN (NEW.state = 'SENT') EXECUTE FUNCTION reconciliation_prove_transfer();
ALTER TABLE reconciliation_revenuetransfer ENABLE ALWAYS TRIGGER keep;
ALTER TABLE reconciliation_revenuetransfer ENABLE ALWAYS TRIGGER prove;
ALTER TABLE reconciliation_revenuetransferline ENABLE ALWAYS TRIGGER keep;

-- reverse --
DROP TRIGGER prove ON reconciliation_revenuetransfer;
DROP TRIGGER keep ON reconciliation_revenuetransferline;
DROP TRIGGER keep ON reconciliation_revenuetransfer;
DROP FUNCTION reconciliation_prove_transfer();
DROP FUNCTION reconciliation_keep_transfer_line();
DROP FUNCTION reconciliation_keep_transfer();
