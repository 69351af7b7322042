-- What is carried is a line that another account pays, and its payer is billed for the same amount. One look a statement.
CREATE FUNCTION invoicing_carry_taken_over() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM added c
        LEFT JOIN invoicing_invoiceline l ON l.invoice_id = c.invoice_id AND l.n = c.n AND l.kind = 'TAKEN_OVER'
        WHERE l.invoice_id IS NULL
    ) THEN
        RAISE EXCEPTION 'only a line that another account pays is carried'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'invoicing_carriedcharge_taken_over';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER carry_taken_over AFTER INSERT ON invoicing_carriedcharge REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION invoicing_carry_taken_over();
CREATE TRIGGER keep_posted AFTER DELETE ON invoicing_carriedbilling REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION invoicing_keep_charged();
ALTER TABLE invoicing_carriedcharge ENABLE ALWAYS TRIGGER carry_taken_over;
ALTER TABLE invoicing_carriedbilling ENABLE ALWAYS TRIGGER keep_posted;
REVOKE UPDATE ON invoicing_carriedcharge, invoicing_carriedbilling FROM saldo_app;
REVOKE EXECUTE ON FUNCTION invoicing_carry_taken_over() FROM PUBLIC;

-- reverse --
GRANT UPDATE ON invoicing_carriedcharge, invoicing_carriedbilling TO saldo_app;
DROP TRIGGER keep_posted ON invoicing_carriedbilling;
DROP TRIGGER carry_taken_over ON invoicing_carriedcharge;
DROP FUNCTION invoicing_carry_taken_over();
