-- A day is signed off when nothing of it is open, and from then on nothing of it changes.
CREATE FUNCTION reconciliation_guard_sign_off() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.signed_at IS NOT NULL THEN
        RAISE EXCEPTION 'check % is signed off', OLD.id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'reconciliation_terminalcheck_signed_is_history';
    END IF;
    IF NEW.signed_at IS NOT NULL AND EXISTS (
        SELECT 1 FROM reconciliation_discrepancy
        WHERE check_run_id = NEW.id AND state IN ('OPEN', 'EXPLAINED', 'PROPOSED')
    ) THEN
        RAISE EXCEPTION 'check % has open cases', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'reconciliation_terminalcheck_signed_without_open';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_sign_off BEFORE UPDATE ON reconciliation_terminalcheck
    FOR EACH ROW EXECUTE FUNCTION reconciliation_guard_sign_off();

-- A case of a day that is signed off never changes, and none is added; a resolved one is history.
CREATE FUNCTION reconciliation_guard_case() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    signed timestamptz;
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.state = 'RESOLVED' THEN
        RAISE EXCEPTION 'case % is resolved', OLD.id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'reconciliation_discrepancy_resolved_is_history';
    END IF;
    -- Whoever signs off waits for this, and this waits for him.
    SELECT signed_at INTO signed FROM reconciliation_terminalcheck WHERE id = NEW.check_run_id FOR SHARE;
    IF signed IS NOT NULL THEN
        RAISE EXCEPTION 'check % is signed off', NEW.check_run_id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'reconciliation_terminalcheck_signed_is_history';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_case BEFORE INSERT OR UPDATE ON reconciliation_discrepancy
    FOR EACH ROW EXECUTE FUNCTION reconciliation_guard_case();
ALTER TABLE reconciliation_terminalcheck ENABLE ALWAYS TRIGGER guard_sign_off;
ALTER TABLE reconciliation_discrepancy ENABLE ALWAYS TRIGGER guard_case;

-- reverse --
DROP TRIGGER guard_case ON reconciliation_discrepancy;
DROP FUNCTION reconciliation_guard_case();
DROP TRIGGER guard_sign_off ON reconciliation_terminalcheck;
DROP FUNCTION reconciliation_guard_sign_off();
