-- What was given back or held stays written.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payments_refundpart
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payments_deposit
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payments_deposituse
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payments_instalmentbill
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payments_instalment
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();

-- A refund goes its way once: asked for, decided, paid. What was asked for stays.
CREATE FUNCTION payments_keep_refund() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
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
CREATE TRIGGER keep BEFORE UPDATE ON payments_refund FOR EACH ROW EXECUTE FUNCTION payments_keep_refund();

-- Of a payment no more is used and given back than was paid. Called for payments that a writer holds.
CREATE FUNCTION payments_prove_payments(wanted bigint[]) RETURNS void LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM payments_payment p
        JOIN payments_refundpart r ON r.payment_id = p.id
        WHERE p.id = ANY (wanted)
        GROUP BY p.id
        HAVING sum(r.amount_minor) + coalesce(
            (SELECT sum(a.amount_minor) FROM payments_allocation a WHERE a.payment_id = p.id), 0) > p.amount_minor
    ) THEN
        RAISE EXCEPTION 'more of a payment is used and given back than was paid'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payments_refundpart_within_payment';
    END IF;
END $$;
CREATE FUNCTION payments_guard_refund_parts() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM payments_payment WHERE id IN (SELECT payment_id FROM added) ORDER BY id FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT 1 FROM added n
        LEFT JOIN payments_payment p ON p.id = n.payment_id
        LEFT JOIN payments_refund r ON r.id = n.refund_id
        WHERE r.account_id IS DISTINCT FROM p.account_id OR r.state IS DISTINCT FROM 'PAID' OR r.deposit_id IS NOT NULL
           OR EXISTS (SELECT 1 FROM payments_paymentreversal v WHERE v.payment_id = n.payment_id)
           OR (SELECT sum(o.amount_minor) FROM payments_refundpart o WHERE o.refund_id = n.refund_id) > r.amount_minor
    ) THEN
        RAISE EXCEPTION 'a refund gives back unused money of its own account'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'payments_refundpart_own_payment';
    END IF;
    PERFORM payments_prove_payments((SELECT array_agg(payment_id) FROM added));
    RETURN NULL;
END $$;
CREATE TRIGGER guard AFTER INSERT ON payments_refundpart REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION payments_guard_refund_parts();
CREATE FUNCTION payments_prove_given_back() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    payments bigint[];
BEGIN
    -- Hardly ever was money of a payment given back.
    SELECT array_agg(r.payment_id) INTO payments FROM payments_refundpart r
    WHERE r.payment_id IN (SELECT payment_id FROM added);
    IF payments IS NOT NULL THEN
        PERFORM payments_prove_payments(payments);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER prove_given_back AFTER INSERT ON payments_allocation REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION payments_prove_given_back();

-- Of a deposit no more is used and given back than was taken.
CREATE FUNCTION payments_prove_deposit(wanted bigint) RETURNS void LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM payments_deposit WHERE id = wanted FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT 1 FROM payments_deposit d
        WHERE d.id = wanted AND d.amount_minor < coalesce((
            SELECT sum(p.amount_minor) FROM payments_deposituse u JOIN payments_payment p ON p.id = u.payment_id
            WHERE u.deposit_id = d.id
              AND NOT EXISTS (SELECT 1 FROM payments_paymentreversal v WHERE v.payment_id = p.id)
        ), 0) + coalesce((
            SELECT sum(r.amount_minor) FROM payments_refund r WHERE r.deposit_id = d.id AND r.state = 'PAID'
        ), 0)
    ) THEN
        RAISE EXCEPTION 'more of deposit % is used and given back than was taken', wanted
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payments_deposit_within_amount';
    END IF;
END $$;
CREATE FUNCTION payments_guard_deposit_use() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM payments_deposit d JOIN payments_payment p ON p.id = NEW.payment_id
        WHERE d.id = NEW.deposit_id AND p.account_id = d.account_id AND p.channel = 'DEPOSIT'
    ) THEN
        RAISE EXCEPTION 'a deposit pays for its own account'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'payments_deposituse_own_account';
    END IF;
    PERFORM payments_prove_deposit(NEW.deposit_id);
    RETURN NULL;
END $$;
CREATE TRIGGER guard AFTER INSERT ON payments_deposituse
    FOR EACH ROW EXECUTE FUNCTION payments_guard_deposit_use();
CREATE FUNCTION payments_guard_deposit_refund() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM payments_prove_deposit(NEW.deposit_id);
    RETURN NULL;
END $$;
CREATE TRIGGER prove_deposit AFTER INSERT OR UPDATE ON payments_refund
    FOR EACH ROW WHEN (NEW.deposit_id IS NOT NULL AND NEW.state = 'PAID')
    EXECUTE FUNCTION payments_guard_deposit_refund();

-- A plan ends once; at the end of the transaction that agreed it, its parts are its bills.
CREATE FUNCTION payments_keep_plan() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.state <> 'OPEN' OR to_jsonb(NEW) - '{state,ended_at}'::text[] IS DISTINCT FROM to_jsonb(OLD) - '{state,ended_at}'::text[]
    THEN
        RAISE EXCEPTION 'a plan ends once and is never changed'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'payments_instalmentplan_is_history';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep BEFORE UPDATE ON payments_instalmentplan FOR EACH ROW EXECUTE FUNCTION payments_keep_plan();
CREATE FUNCTION payments_prove_plan(wanted bigint) RETURNS void LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM payments_instalmentplan t
        WHERE t.id = wanted AND (
            t.amount_minor IS DISTINCT FROM
                (SELECT sum(b.amount_minor) FROM payments_instalmentbill b WHERE b.plan_id = t.id)
            OR t.amount_minor IS DISTINCT FROM
                (SELECT sum(i.amount_minor) FROM payments_instalment i WHERE i.plan_id = t.id)
            OR EXISTS (
                SELECT 1 FROM payments_instalmentbill b LEFT JOIN invoicing_invoice i ON i.id = b.invoice_id
                WHERE b.plan_id = t.id AND i.account_id IS DISTINCT FROM t.account_id
            )
        )
    ) THEN
        RAISE EXCEPTION 'the parts of plan % are not its bills', wanted
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payments_instalmentplan_adds_up';
    END IF;
END $$;
CREATE FUNCTION payments_prove_new_plan() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM payments_prove_plan(NEW.id);
    RETURN NULL;
END $$;
CREATE FUNCTION payments_prove_part_of_plan() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM payments_prove_plan(NEW.plan_id);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER prove AFTER INSERT ON payments_instalmentplan DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION payments_prove_new_plan();
CREATE CONSTRAINT TRIGGER prove AFTER INSERT ON payments_instalmentbill DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION payments_prove_part_of_plan();
CREATE CONSTRAINT TRIGGER prove AFTER INSERT ON payments_instalment DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION payments_prove_part_of_plan();

-- A rate stays as it was set; only its last day may be set.
CREATE FUNCTION payments_keep_rate() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF to_jsonb(NEW) - 'during' IS DISTINCT FROM to_jsonb(OLD) - 'during' OR lower(NEW.during) <> lower(OLD.during) THEN
        RAISE EXCEPTION 'a rate stays as it was set'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'payments_commissionrate_is_history';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep BEFORE UPDATE ON payments_commissionrate FOR EACH ROW EXECUTE FUNCTION payments_keep_rate();
REVOKE EXECUTE ON FUNCTION payments_keep_refund(), payments_guard_refund_parts(), payments_prove_given_back(),
    payments_guard_deposit_use(), payments_guard_deposit_refund(), payments_keep_plan(), payments_prove_new_plan(),
    payments_prove_part_of_plan(), payments_keep_rate() FROM PUBLIC;

ALTER TABLE payments_refund ENABLE ALWAYS TRIGGER keep;
ALTER TABLE payments_refund ENABLE ALWAYS TRIGGER prove_deposit;
ALTER TABLE payments_refundpart ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE payments_refundpart ENABLE ALWAYS TRIGGER guard;
ALTER TABLE payments_allocation ENABLE ALWAYS TRIGGER prove_given_back;
ALTER TABLE payments_deposit ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE payments_deposituse ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE payments_deposituse ENABLE ALWAYS TRIGGER guard;
ALTER TABLE payments_instalmentplan ENABLE ALWAYS TRIGGER keep;
ALTER TABLE payments_instalmentplan ENABLE ALWAYS TRIGGER prove;
ALTER TABLE payments_instalmentbill ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE payments_instalmentbill ENABLE ALWAYS TRIGGER prove;
ALTER TABLE payments_instalment ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE payments_instalment ENABLE ALWAYS TRIGGER prove;
ALTER TABLE payments_commissionrate ENABLE ALWAYS TRIGGER keep;
SELECT audit_follow('payments_instalmentplan');
SELECT audit_follow('payments_commissionrate');
REVOKE DELETE ON payments_refund, payments_instalmentplan, payments_commissionrate FROM saldo_app;
REVOKE ALL ON payments_refundpart, payments_deposit, payments_deposituse, payments_instalmentbill, payments_instalment
    FROM saldo_app;
GRANT SELECT, INSERT
    ON payments_refundpart, payments_deposit, payments_deposituse, payments_instalmentbill, payments_instalment
    TO saldo_app;

-- reverse --
DROP TRIGGER follow ON payments_commissionrate;
DROP TRIGGER follow ON payments_instalmentplan;
DROP TRIGGER keep ON payments_commissionrate;
DROP TRIGGER prove ON payments_instalment;
DROP TRIGGER append_only ON payments_instalment;
DROP TRIGGER prove ON payments_instalmentbill;
DROP TRIGGER append_only ON payments_instalmentbill;
DROP TRIGGER prove ON payments_instalmentplan;
DROP TRIGGER keep ON payments_instalmentplan;
DROP TRIGGER guard ON payments_deposituse;
DROP TRIGGER append_only ON payments_deposituse;
DROP TRIGGER append_only ON payments_deposit;
DROP TRIGGER prove_given_back ON payments_allocation;
DROP TRIGGER guard ON payments_refundpart;
DROP TRIGGER append_only ON payments_refundpart;
DROP TRIGGER prove_deposit ON payments_refund;
DROP TRIGGER keep ON payments_refund;
DROP FUNCTION payments_keep_rate();
DROP FUNCTION payments_prove_part_of_plan();
DROP FUNCTION payments_prove_new_plan();
DROP FUNCTION payments_prove_plan(bigint);
DROP FUNCTION payments_keep_plan();
DROP FUNCTION payments_guard_deposit_refund();
DROP FUNCTION payments_guard_deposit_use();
DROP FUNCTION payments_prove_deposit(bigint);
DROP FUNCTION payments_prove_given_back();
DROP FUNCTION payments_guard_refund_parts();
DROP FUNCTION payments_prove_payments(bigint[]);
DROP FUNCTION payments_keep_refund();
GRANT SELECT, INSERT, UPDATE, DELETE
    ON payments_refundpart, payments_deposit, payments_deposituse, payments_instalmentbill, payments_instalment,
       payments_refund, payments_instalmentplan, payments_commissionrate TO saldo_app;
