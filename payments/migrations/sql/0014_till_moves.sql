-- What moved at a till is written once.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payments_tillmove
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
ALTER TABLE payments_tillmove ENABLE ALWAYS TRIGGER append_only;
REVOKE ALL ON payments_tillmove FROM saldo_app;
GRANT SELECT, INSERT ON payments_tillmove TO saldo_app;

-- reverse --
GRANT SELECT, INSERT, UPDATE, DELETE ON payments_tillmove TO saldo_app;
DROP TRIGGER append_only ON payments_tillmove;
