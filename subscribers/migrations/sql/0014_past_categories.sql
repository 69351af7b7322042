-- Usage is priced by these days, again and again: they are written once and stay.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON subscribers_pastcategory
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
ALTER TABLE subscribers_pastcategory ENABLE ALWAYS TRIGGER append_only;
REVOKE ALL ON subscribers_pastcategory FROM saldo_app;
GRANT SELECT, INSERT ON subscribers_pastcategory TO saldo_app;

-- reverse --
GRANT SELECT, INSERT, UPDATE, DELETE ON subscribers_pastcategory TO saldo_app;
DROP TRIGGER append_only ON subscribers_pastcategory;
