-- What was charged is written once; a fee is taken back at its charge.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payments_dunningfee
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
ALTER TABLE payments_dunningfee ENABLE ALWAYS TRIGGER append_only;
REVOKE ALL ON payments_dunningfee FROM saldo_app;
GRANT SELECT, INSERT ON payments_dunningfee TO saldo_app;

-- reverse --
GRANT SELECT, INSERT, UPDATE, DELETE ON payments_dunningfee TO saldo_app;
DROP TRIGGER append_only ON payments_dunningfee;
