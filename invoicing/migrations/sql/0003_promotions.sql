-- What was billed of a contract is thrown away with its draft; once the invoice is posted it stays.
CREATE FUNCTION invoicing_keep_contract_billing() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM invoicing_invoice WHERE id = OLD.invoice_id AND state = 'POSTED') THEN
        RAISE EXCEPTION 'contract % is billed on posted invoice %', OLD.contract_id, OLD.invoice_id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'invoicing_contractbilling_posted_stays';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER keep_posted BEFORE DELETE ON invoicing_contractbilling
    FOR EACH ROW EXECUTE FUNCTION invoicing_keep_contract_billing();
ALTER TABLE invoicing_contractbilling ENABLE ALWAYS TRIGGER keep_posted;
REVOKE EXECUTE ON FUNCTION invoicing_keep_contract_billing() FROM PUBLIC;
REVOKE UPDATE ON invoicing_contractbilling FROM saldo_app;

-- reverse --
GRANT UPDATE ON invoicing_contractbilling TO saldo_app;
DROP TRIGGER keep_posted ON invoicing_contractbilling;
DROP FUNCTION invoicing_keep_contract_billing();
