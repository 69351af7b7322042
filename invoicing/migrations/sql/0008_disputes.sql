-- What was disputed stays as it was said; an open dispute is answered once, an answered one never changes.
CREATE FUNCTION invoicing_keep_answered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'dispute row % is answered: it stays as it is', OLD.id
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'invoicing_dispute_answer_stays';
END $$;
CREATE TRIGGER keep_answered BEFORE UPDATE ON invoicing_dispute
    FOR EACH ROW WHEN (OLD.state <> 'OPEN') EXECUTE FUNCTION invoicing_keep_answered();
CREATE TRIGGER keep_answered BEFORE UPDATE ON invoicing_disputedline
    FOR EACH ROW WHEN (NOT OLD.is_open) EXECUTE FUNCTION invoicing_keep_answered();
CREATE TRIGGER refuse_deletion BEFORE DELETE OR TRUNCATE ON invoicing_dispute
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
CREATE TRIGGER refuse_deletion BEFORE DELETE OR TRUNCATE ON invoicing_disputedline
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();

-- A disputed line is one of a posted bill of the dispute's account, and no more of it is disputed than it charges.
CREATE FUNCTION invoicing_dispute_guard() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM added a
        LEFT JOIN invoicing_dispute d ON d.id = a.dispute_id AND d.invoice_id = a.invoice_id
        LEFT JOIN invoicing_invoice i ON i.id = a.invoice_id AND i.number IS NOT NULL AND i.account_id = d.account_id
        LEFT JOIN invoicing_invoiceline l ON l.invoice_id = i.id AND l.n = a.n
        WHERE l.n IS NULL OR a.disputed_minor = 0
           OR a.disputed_minor NOT BETWEEN least(l.gross_minor, 0) AND greatest(l.gross_minor, 0)
    ) THEN
        RAISE EXCEPTION 'a dispute is about lines of a posted bill of its account, and no more than they charge'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'invoicing_disputedline_of_its_bill';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER guard AFTER INSERT ON invoicing_disputedline REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION invoicing_dispute_guard();

ALTER TABLE invoicing_dispute ENABLE ALWAYS TRIGGER keep_answered;
ALTER TABLE invoicing_dispute ENABLE ALWAYS TRIGGER refuse_deletion;
ALTER TABLE invoicing_disputedline ENABLE ALWAYS TRIGGER keep_answered;
ALTER TABLE invoicing_disputedline ENABLE ALWAYS TRIGGER refuse_deletion;
ALTER TABLE invoicing_disputedline ENABLE ALWAYS TRIGGER guard;
REVOKE ALL ON invoicing_dispute, invoicing_disputedline FROM saldo_app;
GRANT SELECT, INSERT,
    UPDATE (state, answer_text, answered_at, answered_by_id, accepted_minor, new_due_on)
    ON invoicing_dispute TO saldo_app;
GRANT SELECT, INSERT, UPDATE (is_open, accepted_minor) ON invoicing_disputedline TO saldo_app;
REVOKE EXECUTE ON FUNCTION invoicing_keep_answered(), invoicing_dispute_guard() FROM PUBLIC;

-- reverse --
DROP TRIGGER guard ON invoicing_disputedline;
DROP TRIGGER refuse_deletion ON invoicing_disputedline;
DROP TRIGGER refuse_deletion ON invoicing_dispute;
DROP TRIGGER keep_answered ON invoicing_disputedline;
DROP TRIGGER keep_answered ON invoicing_dispute;
DROP FUNCTION invoicing_dispute_guard();
DROP FUNCTION invoicing_keep_answered();
GRANT SELECT, INSERT, UPDATE, DELETE ON invoicing_dispute, invoicing_disputedline TO saldo_app;
