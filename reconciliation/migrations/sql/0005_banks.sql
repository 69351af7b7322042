-- What a bank wrote never changes; what became of it may, but a match is taken back once and for ever.
CREATE FUNCTION reconciliation_keep_told() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    -- The columns that may change, as the trigger names them.
    may_change text[] := TG_ARGV;
BEGIN
    IF to_jsonb(NEW) - may_change IS DISTINCT FROM to_jsonb(OLD) - may_change THEN
        RAISE EXCEPTION 'row % of % was told by a bank', OLD.id, TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'reconciliation_told_is_history';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION reconciliation_keep_undone() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.undone_at IS NOT NULL
        OR to_jsonb(NEW) - '{undone_at,undone_by_id}'::text[] IS DISTINCT FROM to_jsonb(OLD) - '{undone_at,undone_by_id}'::text[]
    THEN
        RAISE EXCEPTION 'match % is history', OLD.id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'reconciliation_told_is_history';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON reconciliation_statementfile
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
CREATE TRIGGER keep_told BEFORE UPDATE ON reconciliation_statement FOR EACH ROW EXECUTE FUNCTION
    reconciliation_keep_told('state', 'is_repeat', 'held_for', 'decided_by_id', 'decided_at', 'decision', 'booked_at');
CREATE TRIGGER keep_told BEFORE UPDATE ON reconciliation_statementline FOR EACH ROW EXECUTE FUNCTION
    reconciliation_keep_told('state', 'kind', 'group', 'proposals', 'payment_id', 'duplicate_of_id', 'asked_id', 'note', 'is_parked');
CREATE TRIGGER keep_undone BEFORE UPDATE ON reconciliation_match
    FOR EACH ROW EXECUTE FUNCTION reconciliation_keep_undone();
ALTER TABLE reconciliation_statementfile ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE reconciliation_statement ENABLE ALWAYS TRIGGER keep_told;
ALTER TABLE reconciliation_statementline ENABLE ALWAYS TRIGGER keep_told;
ALTER TABLE reconciliation_match ENABLE ALWAYS TRIGGER keep_undone;
REVOKE ALL ON reconciliation_statementfile FROM saldo_app;
GRANT SELECT, INSERT ON reconciliation_statementfile TO saldo_app;
REVOKE DELETE, TRUNCATE ON reconciliation_bankaccount, reconciliation_statement, reconciliation_statementline,
    reconciliation_match FROM saldo_app;

-- reverse --
GRANT DELETE ON reconciliation_bankaccount, reconciliation_statement, reconciliation_statementline,
    reconciliation_match TO saldo_app;
GRANT UPDATE, DELETE ON reconciliation_statementfile TO saldo_app;
DROP TRIGGER keep_undone ON reconciliation_match;
DROP TRIGGER keep_told ON reconciliation_statementline;
DROP TRIGGER keep_told ON reconciliation_statement;
DROP TRIGGER append_only ON reconciliation_statementfile;
DROP FUNCTION reconciliation_keep_undone();
DROP FUNCTION reconciliation_keep_told();
