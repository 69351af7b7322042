-- The quarantine as a work list: a line leaves it once, and none is lost on the way.

-- What came out of quarantine stays as it came out; a line that was never in it does not go there.
CREATE FUNCTION rating_keep_outcome() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'line %/% ended as %: it does not become %', OLD.file_id, OLD.line_number, OLD.outcome, NEW.outcome
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'rating_setasideline_leaves_quarantine_once';
END $$;
CREATE TRIGGER keep_outcome BEFORE UPDATE ON rating_setasideline
    FOR EACH ROW WHEN (OLD.outcome <> 'QUARANTINED' AND (NEW.outcome, NEW.reason, NEW.raw) IS DISTINCT FROM (OLD.outcome, OLD.reason, OLD.raw))
    EXECUTE FUNCTION rating_keep_outcome();
ALTER TABLE rating_setasideline ENABLE ALWAYS TRIGGER keep_outcome;

-- Only an approved proposal writes a line off.
CREATE FUNCTION rating_check_write_off() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM rating_lineproposal p WHERE p.id = NEW.proposal_id AND p.kind = 'WRITE_OFF' AND p.state = 'APPROVED'
    ) THEN
        RAISE EXCEPTION 'line %/% is written off without an approved proposal', NEW.file_id, NEW.line_number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'rating_setasideline_written_off_when_approved';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_write_off BEFORE INSERT OR UPDATE ON rating_setasideline
    FOR EACH ROW WHEN (NEW.outcome = 'WRITTEN_OFF') EXECUTE FUNCTION rating_check_write_off();
ALTER TABLE rating_setasideline ENABLE ALWAYS TRIGGER check_write_off;

-- A decision is not taken back.
CREATE FUNCTION rating_keep_decision() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'proposal % is %: it does not change any more', OLD.id, OLD.state
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'rating_lineproposal_decision_stays';
END $$;
CREATE TRIGGER keep_decision BEFORE UPDATE ON rating_lineproposal
    FOR EACH ROW WHEN (OLD.state <> 'PROPOSED') EXECUTE FUNCTION rating_keep_decision();
ALTER TABLE rating_lineproposal ENABLE ALWAYS TRIGGER keep_decision;

REVOKE EXECUTE ON FUNCTION rating_keep_outcome(), rating_check_write_off(), rating_keep_decision() FROM PUBLIC;
REVOKE DELETE ON rating_setasideline, rating_lineproposal, rating_quarantinecheck FROM saldo_app;

-- reverse --
GRANT DELETE ON rating_setasideline, rating_lineproposal, rating_quarantinecheck TO saldo_app;
DROP TRIGGER keep_decision ON rating_lineproposal;
DROP FUNCTION rating_keep_decision();
DROP TRIGGER check_write_off ON rating_setasideline;
DROP FUNCTION rating_check_write_off();
DROP TRIGGER keep_outcome ON rating_setasideline;
DROP FUNCTION rating_keep_outcome();
