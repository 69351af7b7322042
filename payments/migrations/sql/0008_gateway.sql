-- What a network took in a day is counted by the database, whichever door the payment came through. The sum of a
-- statement is kept aside first and added to the day at commit: the day's row is then locked for no longer than that.
CREATE FUNCTION payments_count_network_day() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO payments_networkdaypart (network_id, day, count, amount_minor)
    SELECT network_id, posted_on, count(*), sum(amount_minor) FROM added WHERE network_id IS NOT NULL GROUP BY 1, 2;
    RETURN NULL;
END $$;
CREATE FUNCTION payments_add_network_day() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    taken bigint;
BEGIN
    DELETE FROM payments_networkdaypart WHERE id = NEW.id;
    INSERT INTO payments_networkday AS d (network_id, day, count, amount_minor)
    VALUES (NEW.network_id, NEW.day, NEW.count, NEW.amount_minor)
    ON CONFLICT (network_id, day)
        DO UPDATE SET count = d.count + excluded.count, amount_minor = d.amount_minor + excluded.amount_minor
    RETURNING d.amount_minor INTO taken;
    IF taken > (SELECT daily_limit_minor FROM payments_terminalnetwork WHERE id = NEW.network_id) THEN
        RAISE EXCEPTION 'network % may not take so much in a day', NEW.network_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payments_networkday_within_limit';
    END IF;
    RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION payments_count_network_day(), payments_add_network_day() FROM PUBLIC;

INSERT INTO payments_networkday (network_id, day, count, amount_minor)
SELECT network_id, posted_on, count(*), sum(amount_minor) FROM payments_payment
WHERE network_id IS NOT NULL GROUP BY 1, 2;

CREATE TRIGGER count_network_day AFTER INSERT ON payments_payment REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION payments_count_network_day();
CREATE CONSTRAINT TRIGGER add_network_day AFTER INSERT ON payments_networkdaypart
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments_add_network_day();
ALTER TABLE payments_payment ENABLE ALWAYS TRIGGER count_network_day;
ALTER TABLE payments_networkdaypart ENABLE ALWAYS TRIGGER add_network_day;
REVOKE ALL ON payments_networkday, payments_networkdaypart FROM saldo_app;
GRANT SELECT ON payments_networkday, payments_networkdaypart TO saldo_app;
REVOKE DELETE ON payments_networkalarm FROM saldo_app;
SELECT audit_follow('payments_networkalarm');

-- reverse --
DROP TRIGGER follow ON payments_networkalarm;
GRANT DELETE ON payments_networkalarm TO saldo_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON payments_networkday, payments_networkdaypart TO saldo_app;
DROP TRIGGER add_network_day ON payments_networkdaypart;
DROP TRIGGER count_network_day ON payments_payment;
DROP FUNCTION payments_add_network_day();
DROP FUNCTION payments_count_network_day();
