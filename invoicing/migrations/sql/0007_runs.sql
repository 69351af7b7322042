-- Whom a run was for, and who had the final bill, is decided once.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON invoicing_billrunaccount
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON invoicing_finalbill
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
ALTER TABLE invoicing_billrunaccount ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE invoicing_finalbill ENABLE ALWAYS TRIGGER append_only;
REVOKE UPDATE, DELETE ON invoicing_billrunaccount, invoicing_finalbill FROM saldo_app;
REVOKE DELETE ON invoicing_billbound, invoicing_billrunpreview, invoicing_billrunpreviewchunk FROM saldo_app;

-- reverse --
GRANT UPDATE, DELETE ON invoicing_billrunaccount, invoicing_finalbill TO saldo_app;
GRANT DELETE ON invoicing_billbound, invoicing_billrunpreview, invoicing_billrunpreviewchunk TO saldo_app;
DROP TRIGGER append_only ON invoicing_finalbill;
DROP TRIGGER append_only ON invoicing_billrunaccount;
