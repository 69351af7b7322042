-- A published text stays as bills were printed with it; a draft may be changed, thrown away or published.
CREATE FUNCTION invoicing_keep_published_text() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'text % is published: it stays as it is', OLD.id
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'invoicing_billtext_published_stays';
END $$;
CREATE TRIGGER keep_published BEFORE UPDATE OR DELETE ON invoicing_billtext
    FOR EACH ROW WHEN (OLD.state = 'PUBLISHED') EXECUTE FUNCTION invoicing_keep_published_text();
ALTER TABLE invoicing_billtext ENABLE ALWAYS TRIGGER keep_published;
REVOKE EXECUTE ON FUNCTION invoicing_keep_published_text() FROM PUBLIC;
SELECT audit_follow('invoicing_billtext');

-- reverse --
DROP TRIGGER follow ON invoicing_billtext;
DROP TRIGGER keep_published ON invoicing_billtext;
DROP FUNCTION invoicing_keep_published_text();
