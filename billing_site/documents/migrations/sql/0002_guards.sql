-- A series counts up and stays what it is; kept files are written once.
CREATE FUNCTION documents_count_up() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.last_number < OLD.last_number OR (NEW.id, NEW.code, NEW.prefix, NEW.digits) <> (OLD.id, OLD.code, OLD.prefix, OLD.digits) THEN
        RAISE EXCEPTION 'series % counts up from % and keeps its form', OLD.code, OLD.last_number
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'documents_numberseries_counts_up';
    END IF;
    RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION documents_count_up() FROM PUBLIC;
CREATE TRIGGER count_up BEFORE UPDATE ON documents_numberseries
    FOR EACH ROW EXECUTE FUNCTION documents_count_up();
CREATE TRIGGER refuse_deletion BEFORE DELETE OR TRUNCATE ON documents_numberseries
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON documents_storedfile
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
ALTER TABLE documents_numberseries ENABLE ALWAYS TRIGGER count_up;
ALTER TABLE documents_numberseries ENABLE ALWAYS TRIGGER refuse_deletion;
ALTER TABLE documents_storedfile ENABLE ALWAYS TRIGGER append_only;
REVOKE ALL ON documents_numberseries, documents_storedfile FROM saldo_app;
GRANT SELECT, INSERT, UPDATE (last_number) ON documents_numberseries TO saldo_app;
GRANT SELECT, INSERT ON documents_storedfile TO saldo_app;

-- reverse --
DROP TRIGGER append_only ON documents_storedfile;
DROP TRIGGER refuse_deletion ON documents_numberseries;
DROP TRIGGER count_up ON documents_numberseries;
DROP FUNCTION documents_count_up();
GRANT SELECT, INSERT, UPDATE, DELETE ON documents_numberseries, documents_storedfile TO saldo_app;
