-- What a subscriber wanted of an old bill stays known.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON subscribers_billsetting
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
ALTER TABLE subscribers_billsetting ENABLE ALWAYS TRIGGER append_only;
REVOKE ALL ON subscribers_billsetting FROM saldo_app;
GRANT SELECT, INSERT ON subscribers_billsetting TO saldo_app;

-- reverse --
DROP TRIGGER append_only ON subscribers_billsetting;
GRANT SELECT, INSERT, UPDATE, DELETE ON subscribers_billsetting TO saldo_app;
