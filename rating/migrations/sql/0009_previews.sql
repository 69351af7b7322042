-- What a preview found stays as it was found.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON rating_planpreview
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON rating_planpreviewaccount
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON rating_planpreviewzone
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON rating_planpreviewfee
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
ALTER TABLE rating_planpreview ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE rating_planpreviewaccount ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE rating_planpreviewzone ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE rating_planpreviewfee ENABLE ALWAYS TRIGGER append_only;
REVOKE ALL ON rating_planpreview, rating_planpreviewaccount, rating_planpreviewzone, rating_planpreviewfee FROM saldo_app;
GRANT SELECT, INSERT ON rating_planpreview, rating_planpreviewaccount, rating_planpreviewzone, rating_planpreviewfee TO saldo_app;

-- reverse --
DROP TRIGGER append_only ON rating_planpreviewfee;
DROP TRIGGER append_only ON rating_planpreviewzone;
DROP TRIGGER append_only ON rating_planpreviewaccount;
DROP TRIGGER append_only ON rating_planpreview;
GRANT SELECT, INSERT, UPDATE, DELETE ON rating_planpreview, rating_planpreviewaccount, rating_planpreviewzone, rating_planpreviewfee TO saldo_app;
