-- Who pays is not paid for on any of the days, and who is paid for does not pay: no rings, no chains. Operations lock
-- both accounts first, in one order.
CREATE FUNCTION subscribers_refuse_ring() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM subscribers_accountpayer p
        WHERE p.id <> NEW.id AND p.during && NEW.during
          AND (p.payer_id = NEW.account_id OR p.account_id = NEW.payer_id)
    ) THEN
        RAISE EXCEPTION 'accounts % and % would pay in a chain', NEW.payer_id, NEW.account_id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'subscribers_accountpayer_no_chain';
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM subscribers_account a JOIN subscribers_account b ON b.cycle_id = a.cycle_id
        WHERE a.id = NEW.account_id AND b.id = NEW.payer_id
    ) THEN
        RAISE EXCEPTION 'accounts % and % are billed on different days', NEW.payer_id, NEW.account_id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'subscribers_accountpayer_one_cycle';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refuse_ring BEFORE INSERT OR UPDATE ON subscribers_accountpayer
    FOR EACH ROW EXECUTE FUNCTION subscribers_refuse_ring();
ALTER TABLE subscribers_accountpayer ENABLE ALWAYS TRIGGER refuse_ring;

-- An account that pays or is paid for stays in the cycle.
CREATE FUNCTION subscribers_keep_cycle_of_payers() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM subscribers_accountpayer p
        WHERE NEW.id IN (p.account_id, p.payer_id) AND (upper_inf(p.during) OR upper(p.during) > current_date)
    ) THEN
        RAISE EXCEPTION 'account % pays or is paid for: end that first', NEW.number
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'subscribers_accountpayer_one_cycle';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_cycle_of_payers BEFORE UPDATE OF cycle_id ON subscribers_account
    FOR EACH ROW WHEN (OLD.cycle_id <> NEW.cycle_id) EXECUTE FUNCTION subscribers_keep_cycle_of_payers();
ALTER TABLE subscribers_account ENABLE ALWAYS TRIGGER keep_cycle_of_payers;

-- An approved exemption stays as it is, but for its end.
CREATE FUNCTION subscribers_keep_exemption() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - 'during' = to_jsonb(NEW) - 'during'
            AND lower(OLD.during) = lower(NEW.during) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'exemption % is approved: record a new one', OLD.certificate
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'subscribers_taxexemption_stays';
END $$;
CREATE TRIGGER keep_approved BEFORE UPDATE OR DELETE ON subscribers_taxexemption
    FOR EACH ROW WHEN (OLD.state = 'APPROVED') EXECUTE FUNCTION subscribers_keep_exemption();
ALTER TABLE subscribers_taxexemption ENABLE ALWAYS TRIGGER keep_approved;

CREATE INDEX subscribers_accountpayer_days ON subscribers_accountpayer USING gist (during);
REVOKE EXECUTE ON FUNCTION subscribers_refuse_ring(), subscribers_keep_cycle_of_payers(), subscribers_keep_exemption()
    FROM PUBLIC;
REVOKE DELETE ON subscribers_accountpayer, subscribers_taxexemption FROM saldo_app;
SELECT audit_follow('subscribers_accountpayer');
SELECT audit_follow('subscribers_taxexemption');

-- reverse --
DROP TRIGGER follow ON subscribers_taxexemption;
DROP TRIGGER follow ON subscribers_accountpayer;
GRANT DELETE ON subscribers_accountpayer, subscribers_taxexemption TO saldo_app;
DROP INDEX subscribers_accountpayer_days;
DROP TRIGGER keep_approved ON subscribers_taxexemption;
DROP FUNCTION subscribers_keep_exemption();
DROP TRIGGER keep_cycle_of_payers ON subscribers_account;
DROP FUNCTION subscribers_keep_cycle_of_payers();
DROP TRIGGER refuse_ring ON subscribers_accountpayer;
DROP FUNCTION subscribers_refuse_ring();
