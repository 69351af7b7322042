-- Acts are written by the application and never changed; row history is written by triggers alone.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_rowhistory
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
ALTER TABLE audit_auditentry ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE audit_rowhistory ENABLE ALWAYS TRIGGER append_only;
REVOKE ALL ON audit_auditentry, audit_rowhistory FROM saldo_app;
GRANT SELECT, INSERT ON audit_auditentry TO saldo_app;
GRANT SELECT ON audit_rowhistory TO saldo_app;

-- The time of an act is the database's, whatever the writer says; an act never slips under a seal.
CREATE FUNCTION audit_stamp_act() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.id <= (SELECT last_audit_id FROM ledger_bookseal ORDER BY sealed_on DESC LIMIT 1) THEN
        RAISE EXCEPTION 'the acts before % are sealed', NEW.id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'audit_auditentry_after_seal';
    END IF;
    NEW.at := clock_timestamp();
    RETURN NEW;
END $$;
CREATE TRIGGER hold_books BEFORE INSERT ON audit_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_hold_books();
CREATE TRIGGER stamp BEFORE INSERT ON audit_auditentry
    FOR EACH ROW EXECUTE FUNCTION audit_stamp_act();
ALTER TABLE audit_auditentry ENABLE ALWAYS TRIGGER hold_books;
ALTER TABLE audit_auditentry ENABLE ALWAYS TRIGGER stamp;

-- Row history: before and after of a changed row. The name of the person comes from saldo.actor,
-- which the web sets a request at a time; workers leave it empty.
CREATE FUNCTION audit_follow_row() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD IS NOT DISTINCT FROM NEW THEN
        RETURN NULL;
    END IF;
    INSERT INTO audit_rowhistory (table_name, row_id, operation, actor_name, before, after)
    VALUES (
        TG_TABLE_NAME,
        coalesce(to_jsonb(NEW) ->> 'id', to_jsonb(OLD) ->> 'id', ''),
        TG_OP,
        coalesce(current_setting('saldo.actor', true), ''),
        CASE WHEN TG_OP = 'INSERT' THEN NULL ELSE to_jsonb(OLD) END,
        CASE WHEN TG_OP = 'DELETE' THEN NULL ELSE to_jsonb(NEW) END
    );
    RETURN NULL;
END $$;

-- Follow a table: called by the migration of the app that owns it. New rows are not copied (the act says
-- who made them); changes and deletions are.
CREATE FUNCTION audit_follow(name regclass) RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER follow AFTER UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION audit_follow_row()', name);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER follow', name);
END $$;
REVOKE EXECUTE ON FUNCTION audit_follow(regclass), audit_follow_row(), audit_stamp_act() FROM PUBLIC;

SELECT audit_follow('identity_user');
SELECT audit_follow('identity_department');
SELECT audit_follow('identity_servicecentre');

-- reverse --
DROP TRIGGER follow ON identity_servicecentre;
DROP TRIGGER follow ON identity_department;
DROP TRIGGER follow ON identity_user;
DROP FUNCTION audit_follow(regclass);
DROP FUNCTION audit_follow_row();
DROP TRIGGER stamp ON audit_auditentry;
DROP TRIGGER hold_books ON audit_auditentry;
DROP FUNCTION audit_stamp_act();
DROP TRIGGER append_only ON audit_rowhistory;
DROP TRIGGER append_only ON audit_auditentry;
GRANT SELECT, INSERT, UPDATE, DELETE ON audit_auditentry, audit_rowhistory TO saldo_app;
