-- A register is kept as it came.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON reconciliation_terminalregister
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON reconciliation_terminalregisterline
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
ALTER TABLE reconciliation_terminalregister ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE reconciliation_terminalregisterline ENABLE ALWAYS TRIGGER append_only;
REVOKE ALL ON reconciliation_terminalregister, reconciliation_terminalregisterline FROM saldo_app;
GRANT SELECT, INSERT ON reconciliation_terminalregister, reconciliation_terminalregisterline TO saldo_app;
REVOKE DELETE ON reconciliation_terminalcheck, reconciliation_discrepancy FROM saldo_app;

-- reverse --
DROP TRIGGER append_only ON reconciliation_terminalregisterline;
DROP TRIGGER append_only ON reconciliation_terminalregister;
GRANT SELECT, INSERT, UPDATE, DELETE ON reconciliation_terminalregister, reconciliation_terminalregisterline TO saldo_app;
GRANT DELETE ON reconciliation_terminalcheck, reconciliation_discrepancy TO saldo_app;
