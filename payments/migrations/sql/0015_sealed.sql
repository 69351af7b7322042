-- A promise, and a plan, ends once; but one that was kept with money that did not stand is open, or broken, again.
CREATE OR REPLACE FUNCTION payments_keep_promise() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF to_jsonb(NEW) - '{state,ended_at}'::text[] IS DISTINCT FROM to_jsonb(OLD) - '{state,ended_at}'::text[]
        OR NOT (OLD.state = 'OPEN' OR OLD.state = 'KEPT' AND NEW.state IN ('OPEN', 'BROKEN'))
    THEN
        RAISE EXCEPTION 'a promise ends once and is never changed'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'payments_promise_is_history';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION payments_keep_plan() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT (OLD.state = 'OPEN' OR OLD.state = 'KEPT' AND NEW.state IN ('OPEN', 'BROKEN'))
        OR to_jsonb(NEW) - '{state,ended_at}'::text[] IS DISTINCT FROM to_jsonb(OLD) - '{state,ended_at}'::text[]
    THEN
        RAISE EXCEPTION 'a plan ends once and is never changed'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'payments_instalmentplan_is_history';
    END IF;
    RETURN NEW;
END $$;

-- With its payment a refund gets the number that a provider gave it.
CREATE OR REPLACE FUNCTION payments_keep_refund() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    way text[] := '{state,decided_by_id,decided_at,paid_by_id,paid_at,posted_on,clearing_account_id,provider_reference}';
BEGIN
    IF (OLD.state, NEW.state) NOT IN (('REQUESTED', 'APPROVED'), ('REQUESTED', 'REJECTED'), ('APPROVED', 'PAID'))
        OR to_jsonb(NEW) - way IS DISTINCT FROM to_jsonb(OLD) - way
        OR (OLD.state = 'APPROVED' AND (NEW.decided_by_id, NEW.decided_at) IS DISTINCT FROM (OLD.decided_by_id, OLD.decided_at))
        OR (NEW.provider_reference <> '' AND NEW.state <> 'PAID')
    THEN
        RAISE EXCEPTION 'refund % goes its way once', OLD.id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'payments_refund_is_history';
    END IF;
    RETURN NEW;
END $$;

-- What must be sealed is: whoever writes past the application is refused.
ALTER TABLE payments_terminalnetwork ADD CONSTRAINT payments_terminalnetwork_keys_sealed
    CHECK (secret LIKE 'sealed:%' AND (next_secret = '' OR next_secret LIKE 'sealed:%'));
ALTER TABLE payments_onlineprovider ADD CONSTRAINT payments_onlineprovider_keys_sealed
    CHECK (secret LIKE 'sealed:%' AND (next_secret = '' OR next_secret LIKE 'sealed:%'));
ALTER TABLE payments_refund ADD CONSTRAINT payments_refund_bank_account_sealed
    CHECK (bank_account = '' OR bank_account LIKE 'sealed:%');
ALTER TABLE payments_debitbankaccount ADD CONSTRAINT payments_debitbankaccount_sealed CHECK (iban LIKE 'sealed:%');
-- Which keys are still needed: of bank accounts too, which the application cannot read.
CREATE FUNCTION payments_sealing_keys() RETURNS TABLE (place text, key_id text, value_count bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT s.place, split_part(s.sealed, ':', 2), count(*) FROM (
        SELECT 'payments_terminalnetwork', secret FROM payments_terminalnetwork
        UNION ALL SELECT 'payments_terminalnetwork', next_secret FROM payments_terminalnetwork
        UNION ALL SELECT 'payments_onlineprovider', secret FROM payments_onlineprovider
        UNION ALL SELECT 'payments_onlineprovider', next_secret FROM payments_onlineprovider
        UNION ALL SELECT 'payments_refund', bank_account FROM payments_refund
        UNION ALL SELECT 'payments_debitbankaccount', iban FROM payments_debitbankaccount
    ) AS s (place, sealed) WHERE s.sealed <> '' GROUP BY 1, 2 ORDER BY 1, 2
$$;
REVOKE EXECUTE ON FUNCTION payments_sealing_keys() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION payments_sealing_keys() TO saldo_app;

-- What the sandbox gave back, and what an accountant said of a day, stays written.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payments_centredayconfirmation
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
ALTER TABLE payments_centredayconfirmation ENABLE ALWAYS TRIGGER append_only;
REVOKE ALL ON payments_centredayconfirmation FROM saldo_app;
GRANT SELECT, INSERT ON payments_centredayconfirmation TO saldo_app;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payments_sandboxrefund
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
ALTER TABLE payments_sandboxrefund ENABLE ALWAYS TRIGGER append_only;
REVOKE ALL ON payments_sandboxrefund FROM saldo_app;
GRANT SELECT, INSERT ON payments_sandboxrefund TO saldo_app;

-- Money taken at a till has the till's centre besides: where the payer stood is not where his account belongs.
CREATE VIEW payments_till_centres AS
SELECT p.payment_id, t.centre_id
FROM payments_receiptpart p
JOIN payments_tillreceipt r ON r.id = p.receipt_id AND r.kind = 'PAYMENT'
JOIN payments_till t ON t.id = r.till_id;
CREATE OR REPLACE VIEW payments_received_facts AS
SELECT p.id, p.posted_on AS day, p.received_at AS at, coalesce(a.centre_id, 0) AS centre_id, p.channel,
       coalesce(p.network_id, 0) AS network_id, p.amount_currency AS currency,
       1 AS payment_count, p.amount_minor, 0 AS reversal_count, 0 AS reversed_minor,
       coalesce(t.centre_id, 0) AS till_centre_id
FROM payments_payment p
LEFT JOIN subscribers_account a ON a.id = p.account_id
LEFT JOIN payments_till_centres t ON t.payment_id = p.id;
CREATE OR REPLACE VIEW payments_reversed_facts AS
SELECT r.id, r.posted_on AS day, r.reversed_at AS at, coalesce(a.centre_id, 0) AS centre_id, p.channel,
       coalesce(p.network_id, 0) AS network_id, p.amount_currency AS currency,
       0 AS payment_count, 0 AS amount_minor, 1 AS reversal_count, p.amount_minor AS reversed_minor,
       coalesce(t.centre_id, 0) AS till_centre_id
FROM payments_paymentreversal r
JOIN payments_payment p ON p.id = r.payment_id
LEFT JOIN subscribers_account a ON a.id = p.account_id
LEFT JOIN payments_till_centres t ON t.payment_id = p.id;
REVOKE ALL ON payments_till_centres FROM saldo_app;
GRANT SELECT ON payments_till_centres TO saldo_app;
-- The table was made anew: it is added up from the beginning.
REVOKE ALL ON payments_receiptday FROM saldo_app;
GRANT SELECT, INSERT, UPDATE ON payments_receiptday TO saldo_app;
UPDATE payments_summarymark SET last_id = 0 WHERE code IN ('PAYMENTS', 'REVERSALS');

-- reverse --
UPDATE payments_summarymark SET last_id = 0 WHERE code IN ('PAYMENTS', 'REVERSALS');
DROP VIEW payments_received_facts;
DROP VIEW payments_reversed_facts;
DROP VIEW payments_till_centres;
CREATE VIEW payments_received_facts AS
SELECT p.id, p.posted_on AS day, p.received_at AS at, coalesce(a.centre_id, 0) AS centre_id, p.channel,
       coalesce(p.network_id, 0) AS network_id, p.amount_currency AS currency,
       1 AS payment_count, p.amount_minor, 0 AS reversal_count, 0 AS reversed_minor
FROM payments_payment p
LEFT JOIN subscribers_account a ON a.id = p.account_id;
CREATE VIEW payments_reversed_facts AS
SELECT r.id, r.posted_on AS day, r.reversed_at AS at, coalesce(a.centre_id, 0) AS centre_id, p.channel,
       coalesce(p.network_id, 0) AS network_id, p.amount_currency AS currency,
       0 AS payment_count, 0 AS amount_minor, 1 AS reversal_count, p.amount_minor AS reversed_minor
FROM payments_paymentreversal r
JOIN payments_payment p ON p.id = r.payment_id
LEFT JOIN subscribers_account a ON a.id = p.account_id;
REVOKE ALL ON payments_received_facts, payments_reversed_facts FROM saldo_app;
GRANT SELECT ON payments_received_facts, payments_reversed_facts TO saldo_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON payments_sandboxrefund, payments_centredayconfirmation TO saldo_app;
DROP TRIGGER append_only ON payments_sandboxrefund;
DROP TRIGGER append_only ON payments_centredayconfirmation;
DROP FUNCTION payments_sealing_keys();
ALTER TABLE payments_debitbankaccount DROP CONSTRAINT payments_debitbankaccount_sealed;
ALTER TABLE payments_refund DROP CONSTRAINT payments_refund_bank_account_sealed;
ALTER TABLE payments_onlineprovider DROP CONSTRAINT payments_onlineprovider_keys_sealed;
ALTER TABLE payments_terminalnetwork DROP CONSTRAINT payments_terminalnetwork_keys_sealed;
CREATE OR REPLACE FUNCTION payments_keep_refund() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF (OLD.state, NEW.state) NOT IN (('REQUESTED', 'APPROVED'), ('REQUESTED', 'REJECTED'), ('APPROVED', 'PAID'))
        OR to_jsonb(NEW) - '{state,decided_by_id,decided_at,paid_by_id,paid_at,posted_on,clearing_account_id}'::text[]
            IS DISTINCT FROM
           to_jsonb(OLD) - '{state,decided_by_id,decided_at,paid_by_id,paid_at,posted_on,clearing_account_id}'::text[]
        OR (OLD.state = 'APPROVED' AND (NEW.decided_by_id, NEW.decided_at) IS DISTINCT FROM (OLD.decided_by_id, OLD.decided_at))
    THEN
        RAISE EXCEPTION 'refund % goes its way once', OLD.id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'payments_refund_is_history';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION payments_keep_plan() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.state <> 'OPEN' OR to_jsonb(NEW) - '{state,ended_at}'::text[] IS DISTINCT FROM to_jsonb(OLD) - '{state,ended_at}'::text[]
    THEN
        RAISE EXCEPTION 'a plan ends once and is never changed'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'payments_instalmentplan_is_history';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION payments_keep_promise() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF to_jsonb(NEW) - '{state,ended_at}'::text[] IS DISTINCT FROM to_jsonb(OLD) - '{state,ended_at}'::text[]
        OR OLD.state <> 'OPEN'
    THEN
        RAISE EXCEPTION 'a promise ends once and is never changed'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'payments_promise_is_history';
    END IF;
    RETURN NEW;
END $$;
