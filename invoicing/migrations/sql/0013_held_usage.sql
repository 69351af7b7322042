-- What is decided about held usage stays: a decision that waits gets its answer once, and none is taken away.
CREATE FUNCTION invoicing_keep_held_decision() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'decision % about held usage is made: it stays as it is', OLD.id
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'invoicing_helddecision_stays';
END $$;
CREATE TRIGGER keep_decided BEFORE UPDATE ON invoicing_heldusagedecision
    FOR EACH ROW WHEN (OLD.state <> 'PROPOSED') EXECUTE FUNCTION invoicing_keep_held_decision();
CREATE TRIGGER refuse_deletion BEFORE DELETE OR TRUNCATE ON invoicing_heldusagedecision
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
ALTER TABLE invoicing_heldusagedecision ENABLE ALWAYS TRIGGER keep_decided;
ALTER TABLE invoicing_heldusagedecision ENABLE ALWAYS TRIGGER refuse_deletion;
REVOKE ALL ON invoicing_heldusagedecision FROM saldo_app;
GRANT SELECT, INSERT, UPDATE (state, decided_by_id, decided_at) ON invoicing_heldusagedecision TO saldo_app;
REVOKE EXECUTE ON FUNCTION invoicing_keep_held_decision() FROM PUBLIC;
SELECT audit_follow('invoicing_heldusagedecision');

-- reverse --
DROP TRIGGER follow ON invoicing_heldusagedecision;
DROP TRIGGER refuse_deletion ON invoicing_heldusagedecision;
DROP TRIGGER keep_decided ON invoicing_heldusagedecision;
DROP FUNCTION invoicing_keep_held_decision();
GRANT SELECT, INSERT, UPDATE, DELETE ON invoicing_heldusagedecision TO saldo_app;
