-- That a bill taken back comes to nothing is found once and stays; a later bill that is taken back has its own row.
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON invoicing_freedsettlement
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
ALTER TABLE invoicing_freedsettlement ENABLE ALWAYS TRIGGER refuse_change;
REVOKE ALL ON invoicing_freedsettlement FROM saldo_app;
GRANT SELECT, INSERT ON invoicing_freedsettlement TO saldo_app;

-- reverse --
DROP TRIGGER refuse_change ON invoicing_freedsettlement;
