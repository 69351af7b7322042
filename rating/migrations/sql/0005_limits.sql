-- Which limit holds for accounts and lines at an instant: the one lifted once, else the lower of the operator's and the
-- subscriber's; the operator's is the account's own or that of its category. ``accounts`` null: of all.
CREATE FUNCTION rating_limits_at(moment timestamptz, accounts bigint[])
RETURNS TABLE (account_id bigint, subscription_id bigint, limit_id bigint, amount_micro bigint)
LANGUAGE sql STABLE ROWS 100000 SET search_path = public, pg_temp AS $$
    WITH chosen AS (
        SELECT a.id, a.category FROM subscribers_account a WHERE accounts IS NULL OR a.id = ANY (accounts)
    ), own AS (
        SELECT l.account_id, l.subscription_id, l.id, l.amount_micro, l.kind FROM rating_usagelimit l
        JOIN chosen c ON c.id = l.account_id WHERE l.during @> moment
    ), held AS (
        SELECT * FROM own
        UNION ALL
        SELECT c.id, NULL::bigint, l.id, l.amount_micro, l.kind FROM chosen c
        JOIN rating_usagelimit l ON l.account_id IS NULL AND l.category = c.category AND l.during @> moment
        WHERE NOT EXISTS (
            SELECT FROM own o WHERE o.account_id = c.id AND o.subscription_id IS NULL AND o.kind = 'OPERATOR'
        )
    )
    SELECT DISTINCT ON (h.account_id, h.subscription_id) h.account_id, h.subscription_id, h.id, h.amount_micro
    FROM held h
    ORDER BY h.account_id, h.subscription_id, h.kind = 'ONCE' DESC, h.amount_micro, h.id
$$;
REVOKE EXECUTE ON FUNCTION rating_limits_at(timestamptz, bigint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION rating_limits_at(timestamptz, bigint[]) TO saldo_app;

-- A limit is never edited: it ends (sooner than it would have), and another begins.
CREATE FUNCTION rating_keep_limit() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF to_jsonb(NEW) - 'during' IS DISTINCT FROM to_jsonb(OLD) - 'during' OR isempty(NEW.during)
        OR lower(NEW.during) IS DISTINCT FROM lower(OLD.during) OR upper_inf(NEW.during)
        OR coalesce(upper(NEW.during) > upper(OLD.during), false)
    THEN
        RAISE EXCEPTION 'a limit is not edited: it ends'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'rating_usagelimit_is_history';
    END IF;
    RETURN NEW;
END $$;
-- A hit is looked at once; what was found does not change.
CREATE FUNCTION rating_keep_hit() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.state <> 'OPEN' OR to_jsonb(NEW) - '{state,dismissed_by_id,dismissed_at,dismiss_reason}'::text[]
        IS DISTINCT FROM to_jsonb(OLD) - '{state,dismissed_by_id,dismissed_at,dismiss_reason}'::text[]
    THEN
        RAISE EXCEPTION 'a hit is dismissed once and never changed'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'rating_fraudhit_is_history';
    END IF;
    RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION rating_keep_limit(), rating_keep_hit() FROM PUBLIC;
CREATE TRIGGER keep BEFORE UPDATE ON rating_usagelimit FOR EACH ROW EXECUTE FUNCTION rating_keep_limit();
CREATE TRIGGER keep BEFORE UPDATE ON rating_fraudhit FOR EACH ROW EXECUTE FUNCTION rating_keep_hit();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON rating_limitnotice
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
ALTER TABLE rating_usagelimit ENABLE ALWAYS TRIGGER keep;
ALTER TABLE rating_fraudhit ENABLE ALWAYS TRIGGER keep;
ALTER TABLE rating_limitnotice ENABLE ALWAYS TRIGGER append_only;
SELECT audit_follow('rating_usagelimit');
SELECT audit_follow('rating_fraudrule');
SELECT audit_follow('rating_fraudhit');
REVOKE DELETE ON rating_usagelimit, rating_fraudrule, rating_fraudhit FROM saldo_app;
REVOKE ALL ON rating_limitnotice FROM saldo_app;
GRANT SELECT, INSERT ON rating_limitnotice TO saldo_app;

-- reverse --
GRANT SELECT, INSERT, UPDATE, DELETE ON rating_limitnotice TO saldo_app;
GRANT DELETE ON rating_usagelimit, rating_fraudrule, rating_fraudhit TO saldo_app;
DROP TRIGGER follow ON rating_fraudhit;
DROP TRIGGER follow ON rating_fraudrule;
DROP TRIGGER follow ON rating_usagelimit;
DROP TRIGGER append_only ON rating_limitnotice;
DROP TRIGGER keep ON rating_fraudhit;
DROP TRIGGER keep ON rating_usagelimit;
DROP FUNCTION rating_keep_hit();
DROP FUNCTION rating_keep_limit();
DROP FUNCTION rating_limits_at(timestamptz, bigint[]);
