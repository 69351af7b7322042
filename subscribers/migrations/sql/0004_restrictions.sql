-- A state of a line follows the one before it: free, then restricted, then stopped, then restored; causes come and go
-- while it is restricted or stopped. History is kept: a row is only ever ended, once.
CREATE FUNCTION subscribers_check_restriction() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    before subscribers_subscriptionrestriction;
BEGIN
    SELECT r.* INTO before FROM subscribers_subscriptionrestriction r
    WHERE r.subscription_id = NEW.subscription_id AND r.id <> NEW.id ORDER BY lower(r.during) DESC LIMIT 1;
    IF NOT lower_inc(NEW.during) OR NOT upper_inf(NEW.during)
        OR (before.id IS NOT NULL AND upper(before.during) IS DISTINCT FROM lower(NEW.during))
        OR (NEW.state = 'RESTRICTED' AND before.state = 'STOPPED')
        OR (NEW.state <> 'RESTRICTED' AND coalesce(before.state, 'RESTORED') = 'RESTORED')
        OR (NEW.state = before.state AND NEW.causes @> before.causes AND before.causes @> NEW.causes)
    THEN
        RAISE EXCEPTION 'line % cannot become % after %', NEW.subscription_id, NEW.state,
            coalesce(before.state, 'nothing')
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'subscribers_restriction_follows';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION subscribers_keep_restriction() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF to_jsonb(NEW) - 'during' IS DISTINCT FROM to_jsonb(OLD) - 'during'
        OR NOT upper_inf(OLD.during) OR upper_inf(NEW.during) OR isempty(NEW.during)
        OR lower(NEW.during) IS DISTINCT FROM lower(OLD.during)
    THEN
        RAISE EXCEPTION 'a state of a line is only ever ended, once'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'subscribers_restriction_is_history';
    END IF;
    RETURN NEW;
END $$;
-- The answer of the exchange is all that changes in an order.
CREATE FUNCTION subscribers_keep_order() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF to_jsonb(NEW) - '{state,answer,answered_at}'::text[] IS DISTINCT FROM
        to_jsonb(OLD) - '{state,answer,answered_at}'::text[] OR OLD.state <> 'WAITING'
    THEN
        RAISE EXCEPTION 'an order to the exchange is answered once and never changed'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'subscribers_networkorder_is_history';
    END IF;
    RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION subscribers_check_restriction(), subscribers_keep_restriction(), subscribers_keep_order()
    FROM PUBLIC;
CREATE TRIGGER follows AFTER INSERT ON subscribers_subscriptionrestriction
    FOR EACH ROW EXECUTE FUNCTION subscribers_check_restriction();
CREATE TRIGGER keep BEFORE UPDATE ON subscribers_subscriptionrestriction
    FOR EACH ROW EXECUTE FUNCTION subscribers_keep_restriction();
CREATE TRIGGER keep BEFORE UPDATE ON subscribers_networkorder
    FOR EACH ROW EXECUTE FUNCTION subscribers_keep_order();
ALTER TABLE subscribers_subscriptionrestriction ENABLE ALWAYS TRIGGER follows;
ALTER TABLE subscribers_subscriptionrestriction ENABLE ALWAYS TRIGGER keep;
ALTER TABLE subscribers_networkorder ENABLE ALWAYS TRIGGER keep;
SELECT audit_follow('subscribers_networkorder');
SELECT audit_follow('subscribers_notice');
REVOKE DELETE ON subscribers_subscriptionrestriction, subscribers_networkorder, subscribers_notice FROM saldo_app;

-- reverse --
GRANT DELETE ON subscribers_subscriptionrestriction, subscribers_networkorder, subscribers_notice TO saldo_app;
DROP TRIGGER follow ON subscribers_notice;
DROP TRIGGER follow ON subscribers_networkorder;
DROP TRIGGER keep ON subscribers_networkorder;
DROP TRIGGER keep ON subscribers_subscriptionrestriction;
DROP TRIGGER follows ON subscribers_subscriptionrestriction;
DROP FUNCTION subscribers_keep_order();
DROP FUNCTION subscribers_keep_restriction();
DROP FUNCTION subscribers_check_restriction();
