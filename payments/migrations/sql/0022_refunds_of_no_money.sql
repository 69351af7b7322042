-- A refund gives back no more than it says of payments that stand: later money stands for one that was taken back.
CREATE OR REPLACE FUNCTION payments_guard_refund_parts() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM payments_payment WHERE id IN (SELECT payment_id FROM added) ORDER BY id FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT 1 FROM added n
        LEFT JOIN payments_payment p ON p.id = n.payment_id
        LEFT JOIN payments_refund r ON r.id = n.refund_id
        WHERE r.account_id IS DISTINCT FROM p.account_id OR r.state IS DISTINCT FROM 'PAID' OR r.deposit_id IS NOT NULL
           OR EXISTS (SELECT 1 FROM payments_paymentreversal v WHERE v.payment_id = n.payment_id)
           OR (
               SELECT sum(o.amount_minor) FROM payments_refundpart o WHERE o.refund_id = n.refund_id
               AND NOT EXISTS (SELECT FROM payments_paymentreversal v WHERE v.payment_id = o.payment_id)
           ) > r.amount_minor
    ) THEN
        RAISE EXCEPTION 'a refund gives back unused money of its own account'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'payments_refundpart_own_payment';
    END IF;
    PERFORM payments_prove_payments((SELECT array_agg(payment_id) FROM added));
    RETURN NULL;
END $$;

-- reverse --
CREATE OR REPLACE FUNCTION payments_guard_refund_parts() RETURNS trigger LANGUAGE plpgsql
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
