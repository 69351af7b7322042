-- A posted invoice, its lines and its taxes never change; a draft may only be posted or thrown away.
CREATE FUNCTION invoicing_keep_posted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'invoice % is not a draft: it stays as it is', OLD.id
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'invoicing_invoice_posted_stays';
END $$;
CREATE TRIGGER keep_posted BEFORE UPDATE ON invoicing_invoice
    FOR EACH ROW WHEN (OLD.state <> 'DRAFT') EXECUTE FUNCTION invoicing_keep_posted();
CREATE TRIGGER refuse_deletion BEFORE DELETE OR TRUNCATE ON invoicing_invoice
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON invoicing_invoiceline
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON invoicing_invoicetax
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();

-- An invoice begins as a draft: nothing is owed that was not posted.
CREATE FUNCTION invoicing_begin_as_draft() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM added WHERE state <> 'DRAFT') THEN
        RAISE EXCEPTION 'an invoice begins as a draft'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'invoicing_invoice_begins_as_draft';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER begin_as_draft AFTER INSERT ON invoicing_invoice REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION invoicing_begin_as_draft();

-- Lines and taxes join drafts only; checked once a statement. An invoice of another transaction is locked first, so
-- that nobody posts it meanwhile; those of this transaction (the bulk of them) nobody else can see.
-- A guard keeps the plan of its first use, when tables were small: it is bound to find rows by their keys.
CREATE FUNCTION invoicing_draft_guard() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET enable_seqscan = off AS $$
DECLARE
    own xid := pg_current_xact_id()::xid;
    ids bigint[] := (SELECT array_agg(invoice_id) FROM (SELECT DISTINCT invoice_id FROM added) a);
BEGIN
    PERFORM 1 FROM invoicing_invoice WHERE id = ANY (ids) AND xmin <> own ORDER BY id FOR SHARE;
    IF (SELECT count(*) FROM invoicing_invoice WHERE id = ANY (ids) AND state = 'DRAFT') <> cardinality(ids) THEN
        RAISE EXCEPTION 'lines and taxes may only be added to a draft'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'invoicing_invoice_posted_stays';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER draft_guard AFTER INSERT ON invoicing_invoiceline REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION invoicing_draft_guard();
CREATE TRIGGER draft_guard AFTER INSERT ON invoicing_invoicetax REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION invoicing_draft_guard();

ALTER TABLE invoicing_invoice ENABLE ALWAYS TRIGGER begin_as_draft;
ALTER TABLE invoicing_invoice ENABLE ALWAYS TRIGGER keep_posted;
ALTER TABLE invoicing_invoice ENABLE ALWAYS TRIGGER refuse_deletion;
ALTER TABLE invoicing_invoiceline ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE invoicing_invoiceline ENABLE ALWAYS TRIGGER draft_guard;
ALTER TABLE invoicing_invoicetax ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE invoicing_invoicetax ENABLE ALWAYS TRIGGER draft_guard;

REVOKE ALL ON invoicing_invoice, invoicing_invoiceline, invoicing_invoicetax FROM saldo_app;
GRANT SELECT, INSERT, UPDATE (state, number) ON invoicing_invoice TO saldo_app;
GRANT SELECT, INSERT ON invoicing_invoiceline, invoicing_invoicetax TO saldo_app;
REVOKE DELETE ON invoicing_billrun, invoicing_billrunchunk, invoicing_parkedaccount FROM saldo_app;
REVOKE EXECUTE ON FUNCTION invoicing_keep_posted(), invoicing_begin_as_draft(), invoicing_draft_guard() FROM PUBLIC;

-- reverse --
DROP TRIGGER draft_guard ON invoicing_invoicetax;
DROP TRIGGER draft_guard ON invoicing_invoiceline;
DROP TRIGGER append_only ON invoicing_invoicetax;
DROP TRIGGER append_only ON invoicing_invoiceline;
DROP TRIGGER refuse_deletion ON invoicing_invoice;
DROP TRIGGER keep_posted ON invoicing_invoice;
DROP TRIGGER begin_as_draft ON invoicing_invoice;
DROP FUNCTION invoicing_begin_as_draft();
DROP FUNCTION invoicing_draft_guard();
DROP FUNCTION invoicing_keep_posted();
GRANT SELECT, INSERT, UPDATE, DELETE ON invoicing_invoice, invoicing_invoiceline, invoicing_invoicetax TO saldo_app;
GRANT DELETE ON invoicing_billrun, invoicing_billrunchunk, invoicing_parkedaccount TO saldo_app;
