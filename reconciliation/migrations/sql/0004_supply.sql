-- Sheets and their movements stay as they were told.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON reconciliation_supplysheet
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON reconciliation_supplymove
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON reconciliation_supplyprice
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
ALTER TABLE reconciliation_supplysheet ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE reconciliation_supplymove ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE reconciliation_supplyprice ENABLE ALWAYS TRIGGER append_only;
REVOKE ALL ON reconciliation_supplysheet, reconciliation_supplymove, reconciliation_supplyprice FROM saldo_app;
GRANT SELECT, INSERT ON reconciliation_supplysheet, reconciliation_supplymove, reconciliation_supplyprice TO saldo_app;
REVOKE DELETE ON reconciliation_supplyitem FROM saldo_app;

-- reverse --
GRANT DELETE ON reconciliation_supplyitem TO saldo_app;
DROP TRIGGER append_only ON reconciliation_supplyprice;
DROP TRIGGER append_only ON reconciliation_supplymove;
DROP TRIGGER append_only ON reconciliation_supplysheet;
GRANT SELECT, INSERT, UPDATE, DELETE ON reconciliation_supplysheet, reconciliation_supplymove, reconciliation_supplyprice TO saldo_app;
