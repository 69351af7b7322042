-- How a bill went out is a record: it is carried on, never taken away; what a batch holds stays once it is made.
REVOKE DELETE ON invoicing_billdelivery, invoicing_printbatch, invoicing_printpart FROM saldo_app;

CREATE FUNCTION invoicing_keep_handed_over() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'print batch %/% is handed over: it stays as it is', OLD.run_id, OLD.n
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'invoicing_printbatch_handed_over_stays';
END $$;
CREATE TRIGGER keep_handed_over BEFORE UPDATE ON invoicing_printbatch
    FOR EACH ROW WHEN (OLD.state = 'HANDED_OVER') EXECUTE FUNCTION invoicing_keep_handed_over();
ALTER TABLE invoicing_printbatch ENABLE ALWAYS TRIGGER keep_handed_over;
REVOKE EXECUTE ON FUNCTION invoicing_keep_handed_over() FROM PUBLIC;

-- reverse --
DROP TRIGGER keep_handed_over ON invoicing_printbatch;
DROP FUNCTION invoicing_keep_handed_over();
GRANT DELETE ON invoicing_billdelivery, invoicing_printbatch, invoicing_printpart TO saldo_app;
