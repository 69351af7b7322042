-- What a bill charged is thrown away with its draft; once the invoice is posted it stays. One look a statement.
CREATE FUNCTION invoicing_keep_charged() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM gone g JOIN invoicing_invoice i ON i.id = g.invoice_id WHERE i.state = 'POSTED') THEN
        RAISE EXCEPTION 'what a posted invoice charges stays'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_TABLE_NAME || '_posted_stays';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER keep_posted AFTER DELETE ON invoicing_chargeddays REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION invoicing_keep_charged();
CREATE TRIGGER keep_posted AFTER DELETE ON invoicing_chargebilling REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION invoicing_keep_charged();

-- No day of a price is charged twice, or given back that was not charged: at every day the signs of a line's item add
-- up to 0 or 1. Of many lines at once only the entries of periods that may meet the new ones are looked at.
CREATE FUNCTION invoicing_charge_days_once() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    wrong record;
BEGIN
    WITH touched AS (
        SELECT subscription_id, min(period_from) AS since FROM added GROUP BY subscription_id
    ), moves AS (
        SELECT d.subscription_id, d.bill_item_id, d.feature_id, m.day, sum(m.step) AS step
        FROM touched t
        JOIN invoicing_chargeddays d ON d.subscription_id = t.subscription_id AND d.period_until > t.since
        CROSS JOIN LATERAL (VALUES (d.start_on, d.sign), (d.until_on, -d.sign)) AS m (day, step)
        GROUP BY d.subscription_id, d.bill_item_id, d.feature_id, m.day
    ), counted AS (
        SELECT subscription_id, bill_item_id, day, sum(step) OVER (
            PARTITION BY subscription_id, bill_item_id, feature_id ORDER BY day
        ) AS times
        FROM moves
    )
    SELECT * INTO wrong FROM counted WHERE times NOT IN (0, 1) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'subscription % would be charged % times for bill item % from % on',
            wrong.subscription_id, wrong.times, wrong.bill_item_id, wrong.day
            USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'invoicing_chargeddays_once';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER charge_once AFTER INSERT ON invoicing_chargeddays REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION invoicing_charge_days_once();

-- Two living bills of an account never cover the same day: what is charged in the period of its own bill is charged
-- once. Living bills do not overlap, so the nearest on either side are enough.
CREATE FUNCTION invoicing_bill_days_once() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    twice bigint;
BEGIN
    SELECT a.id INTO twice
    FROM added a
    CROSS JOIN LATERAL (
        SELECT i.period_until FROM invoicing_invoice i
        WHERE i.account_id = a.account_id AND i.period_from < a.period_until AND i.state <> 'CANCELLED' AND i.id <> a.id
        ORDER BY i.period_from DESC LIMIT 1
    ) before
    WHERE a.state <> 'CANCELLED' AND before.period_until > a.period_from
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'invoice % covers days of another one of its account', twice
            USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'invoicing_invoice_days_once';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER bill_days_once AFTER INSERT ON invoicing_invoice REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION invoicing_bill_days_once();

-- A recurring line charges days of its own bill, days that are entered as charged, or days that no living bill covers.
CREATE FUNCTION invoicing_lines_in_their_days() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    wrong record;
BEGIN
    SELECT l.invoice_id, l.n INTO wrong
    FROM added l
    JOIN invoicing_invoice i ON i.id = l.invoice_id
    WHERE l.kind = 'RECURRING' AND (l.period_from < i.period_from OR l.period_until > i.period_until)
      AND NOT EXISTS (
          SELECT FROM invoicing_chargeddays d
          WHERE d.invoice_id = l.invoice_id AND d.subscription_id = l.subscription_id
            AND d.bill_item_id = l.bill_item_id AND d.start_on <= l.period_from AND d.until_on >= l.period_until
      )
      AND EXISTS (
          SELECT FROM invoicing_invoice o
          WHERE o.account_id = i.account_id AND o.id <> i.id AND o.state <> 'CANCELLED'
            AND o.period_from < l.period_until AND o.period_until > l.period_from
      )
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'line % of invoice % charges days of another bill', wrong.n, wrong.invoice_id
            USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'invoicing_invoiceline_days_once';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER days_once AFTER INSERT ON invoicing_invoiceline REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION invoicing_lines_in_their_days();

-- A charge that is billed stays as it is; one that is withdrawn is not billed.
CREATE FUNCTION invoicing_keep_billed_charge() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM invoicing_chargebilling WHERE charge_id = OLD.id) THEN
        RAISE EXCEPTION 'charge % is on a bill: it stays as it is', OLD.id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'invoicing_oneoffcharge_billed_stays';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_billed BEFORE UPDATE ON invoicing_oneoffcharge
    FOR EACH ROW EXECUTE FUNCTION invoicing_keep_billed_charge();
CREATE FUNCTION invoicing_bill_ready_charges() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM invoicing_oneoffcharge c JOIN added a ON a.charge_id = c.id ORDER BY c.id FOR SHARE OF c;
    IF EXISTS (SELECT FROM added a JOIN invoicing_oneoffcharge c ON c.id = a.charge_id WHERE c.state <> 'READY') THEN
        RAISE EXCEPTION 'a charge that is not ready is not billed'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'invoicing_chargebilling_ready_only';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ready_only AFTER INSERT ON invoicing_chargebilling REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION invoicing_bill_ready_charges();

ALTER TABLE invoicing_chargeddays ENABLE ALWAYS TRIGGER keep_posted;
ALTER TABLE invoicing_chargeddays ENABLE ALWAYS TRIGGER charge_once;
ALTER TABLE invoicing_chargebilling ENABLE ALWAYS TRIGGER keep_posted;
ALTER TABLE invoicing_chargebilling ENABLE ALWAYS TRIGGER ready_only;
ALTER TABLE invoicing_invoice ENABLE ALWAYS TRIGGER bill_days_once;
ALTER TABLE invoicing_invoiceline ENABLE ALWAYS TRIGGER days_once;
ALTER TABLE invoicing_oneoffcharge ENABLE ALWAYS TRIGGER keep_billed;
SELECT audit_follow('invoicing_oneoffcharge');
REVOKE UPDATE ON invoicing_chargeddays, invoicing_chargebilling FROM saldo_app;
REVOKE DELETE ON invoicing_oneoffcharge FROM saldo_app;
REVOKE EXECUTE ON FUNCTION invoicing_keep_charged(), invoicing_charge_days_once(), invoicing_bill_days_once(),
    invoicing_lines_in_their_days(), invoicing_keep_billed_charge(), invoicing_bill_ready_charges() FROM PUBLIC;

-- reverse --
GRANT DELETE ON invoicing_oneoffcharge TO saldo_app;
GRANT UPDATE ON invoicing_chargeddays, invoicing_chargebilling TO saldo_app;
DROP TRIGGER follow ON invoicing_oneoffcharge;
DROP TRIGGER ready_only ON invoicing_chargebilling;
DROP FUNCTION invoicing_bill_ready_charges();
DROP TRIGGER keep_billed ON invoicing_oneoffcharge;
DROP FUNCTION invoicing_keep_billed_charge();
DROP TRIGGER days_once ON invoicing_invoiceline;
DROP FUNCTION invoicing_lines_in_their_days();
DROP TRIGGER bill_days_once ON invoicing_invoice;
DROP FUNCTION invoicing_bill_days_once();
DROP TRIGGER charge_once ON invoicing_chargeddays;
DROP FUNCTION invoicing_charge_days_once();
DROP TRIGGER keep_posted ON invoicing_chargebilling;
DROP TRIGGER keep_posted ON invoicing_chargeddays;
DROP FUNCTION invoicing_keep_charged();
