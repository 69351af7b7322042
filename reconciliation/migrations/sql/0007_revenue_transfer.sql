-- What bills and credit notes earn, line by line, under the entry of the ledger that posted them: its role, and the
-- account of the books that it went to. A credit note goes to revenue, whatever its bill's line was.
CREATE VIEW reconciliation_earnedline AS
SELECT d.entry_id, d.posted_on, d.document, d.document_id, d.number, d.account_id, d.issued_on, b.kind, b.code AS item,
       t.code AS tax_code, d.net_minor, d.tax_minor,
       CASE
           WHEN d.line_kind = 'ROUNDING' THEN 'ROUNDING'
           WHEN p.code IS NOT NULL AND d.document = 'INVOICE' THEN 'PROVIDER'
           WHEN d.line_kind IN ('DISCOUNT', 'PROMOTION', 'BONUS') THEN 'DISCOUNT'
           ELSE 'REVENUE'
       END AS role,
       CASE
           WHEN d.line_kind = 'ROUNDING' THEN 'ROUNDING'
           WHEN p.code IS NOT NULL AND d.document = 'INVOICE' THEN 'PROVIDER:' || p.code || ':' || b.code
           ELSE 'REVENUE:' || b.kind || ':' || b.code
       END AS book_code
FROM (
    SELECT e.id AS entry_id, e.posted_on, 'INVOICE' AS document, i.id AS document_id, i.number, i.account_id, i.issued_on,
           l.kind AS line_kind, l.bill_item_id, l.tax_category_id, l.net_minor, l.tax_minor
    FROM ledger_entry e
    JOIN invoicing_invoice i ON i.number = e.source_id
    JOIN invoicing_invoiceline l ON l.invoice_id = i.id
    WHERE e.source_type = 'INVOICE'
    UNION ALL
    SELECT e.id, e.posted_on, 'CREDIT_NOTE', n.id, n.number, n.account_id, n.issued_on,
           '', l.bill_item_id, l.tax_category_id, l.net_minor, l.tax_minor
    FROM ledger_entry e
    JOIN invoicing_creditnote n ON n.number = e.source_id
    JOIN invoicing_creditnoteline l ON l.credit_note_id = n.id
    WHERE e.source_type = 'CREDIT_NOTE'
) AS d
JOIN tariffs_billitem b ON b.id = d.bill_item_id
JOIN tariffs_taxcategory t ON t.id = d.tax_category_id
LEFT JOIN tariffs_provider p ON p.id = b.provider_id;
GRANT SELECT ON reconciliation_earnedline TO saldo_app;

-- What was sent stays as it was sent, with its lines; a set is sent only if its lines are what it says.
CREATE FUNCTION reconciliation_keep_transfer() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'revenue transfer % is sent', OLD.number
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'reconciliation_revenuetransfer_is_history';
END $$;
CREATE FUNCTION reconciliation_keep_transfer_line() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM reconciliation_revenuetransfer
        WHERE id IN (OLD.transfer_id, NEW.transfer_id) AND state = 'SENT'
    ) THEN
        RAISE EXCEPTION 'the lines of a revenue transfer stay as they were sent'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'reconciliation_revenuetransfer_is_history';
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;
CREATE FUNCTION reconciliation_prove_transfer() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.debit_minor IS DISTINCT FROM (
        SELECT sum(amount_minor) FROM reconciliation_revenuetransferline WHERE transfer_id = NEW.id
    ) THEN
        RAISE EXCEPTION 'the lines of revenue transfer % do not make its sum', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'reconciliation_revenuetransfer_lines_make_sum';
    END IF;
    RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION reconciliation_keep_transfer(), reconciliation_keep_transfer_line(),
    reconciliation_prove_transfer() FROM PUBLIC;

CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON reconciliation_revenuetransfer
    FOR EACH ROW WHEN (OLD.state = 'SENT') EXECUTE FUNCTION reconciliation_keep_transfer();
CREATE TRIGGER keep BEFORE INSERT OR UPDATE OR DELETE ON reconciliation_revenuetransferline
    FOR EACH ROW EXECUTE FUNCTION reconciliation_keep_transfer_line();
CREATE TRIGGER prove AFTER INSERT OR UPDATE ON reconciliation_revenuetransfer
    FOR EACH ROW WHEN (NEW.state = 'SENT') EXECUTE FUNCTION reconciliation_prove_transfer();
ALTER TABLE reconciliation_revenuetransfer ENABLE ALWAYS TRIGGER keep;
ALTER TABLE reconciliation_revenuetransfer ENABLE ALWAYS TRIGGER prove;
ALTER TABLE reconciliation_revenuetransferline ENABLE ALWAYS TRIGGER keep;

-- reverse --
DROP TRIGGER prove ON reconciliation_revenuetransfer;
DROP TRIGGER keep ON reconciliation_revenuetransferline;
DROP TRIGGER keep ON reconciliation_revenuetransfer;
DROP FUNCTION reconciliation_prove_transfer();
DROP FUNCTION reconciliation_keep_transfer_line();
DROP FUNCTION reconciliation_keep_transfer();
DROP VIEW reconciliation_earnedline;
