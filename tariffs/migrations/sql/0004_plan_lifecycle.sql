-- A version goes from draft to submitted to published, and from submitted back to draft; its contents change in a draft
-- alone. A published version may only see its end moved, by the version after it or by retiring.
CREATE OR REPLACE FUNCTION tariffs_keep_published() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    judged text[] := ARRAY['state', 'approved_by_id', 'published_at', 'submitted_by_id', 'submitted_at', 'rejection_reason'];
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.state = 'SUBMITTED' AND NEW.state IN ('DRAFT', 'PUBLISHED')
            AND to_jsonb(OLD) - judged = to_jsonb(NEW) - judged THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.state = 'PUBLISHED'
            AND to_jsonb(OLD) - 'during' = to_jsonb(NEW) - 'during' AND lower(OLD.during) = lower(NEW.during) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'version % of plan % is % : make a new version', OLD.number, OLD.plan_id, lower(OLD.state)
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'tariffs_planversion_published_stays';
END $$;
DROP TRIGGER keep_published ON tariffs_planversion;
CREATE TRIGGER keep_published BEFORE UPDATE OR DELETE ON tariffs_planversion
    FOR EACH ROW WHEN (OLD.state <> 'DRAFT') EXECUTE FUNCTION tariffs_keep_published();
ALTER TABLE tariffs_planversion ENABLE ALWAYS TRIGGER keep_published;

CREATE FUNCTION tariffs_refuse_shortcut() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'version % of plan % begins as a draft and is submitted before it is published', NEW.number, NEW.plan_id
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'tariffs_planversion_submitted_first';
END $$;
CREATE TRIGGER refuse_shortcut BEFORE UPDATE ON tariffs_planversion
    FOR EACH ROW WHEN (OLD.state = 'DRAFT' AND NEW.state = 'PUBLISHED') EXECUTE FUNCTION tariffs_refuse_shortcut();
CREATE TRIGGER refuse_birth BEFORE INSERT ON tariffs_planversion
    FOR EACH ROW WHEN (NEW.state <> 'DRAFT') EXECUTE FUNCTION tariffs_refuse_shortcut();

-- The version is read with a lock that its change of state waits for: what is being written is in it or refused.
CREATE OR REPLACE FUNCTION tariffs_keep_prices() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    touched bigint[];
BEGIN
    touched := CASE TG_OP WHEN 'INSERT' THEN ARRAY[NEW.plan_version_id] WHEN 'DELETE' THEN ARRAY[OLD.plan_version_id]
        ELSE ARRAY[OLD.plan_version_id, NEW.plan_version_id] END;
    PERFORM 1 FROM tariffs_planversion WHERE id = ANY (touched) AND state <> 'DRAFT' FOR SHARE;
    IF FOUND THEN
        RAISE EXCEPTION 'the plan version is no draft: its prices stay'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'tariffs_planversion_published_stays';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE OR REPLACE FUNCTION tariffs_keep_steps() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    touched bigint[];
BEGIN
    touched := CASE TG_OP WHEN 'INSERT' THEN ARRAY[NEW.rate_id] WHEN 'DELETE' THEN ARRAY[OLD.rate_id]
        ELSE ARRAY[OLD.rate_id, NEW.rate_id] END;
    IF EXISTS (
        SELECT 1 FROM tariffs_rate r JOIN tariffs_planversion v ON v.id = r.plan_version_id
        WHERE r.id = ANY (touched) AND v.state <> 'DRAFT'
    ) THEN
        RAISE EXCEPTION 'the plan version is no draft: its prices stay'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'tariffs_planversion_published_stays';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE TRIGGER keep_published BEFORE INSERT OR UPDATE OR DELETE ON tariffs_testcall
    FOR EACH ROW EXECUTE FUNCTION tariffs_keep_prices();
CREATE TRIGGER keep_published BEFORE INSERT OR UPDATE OR DELETE ON tariffs_ratedeck
    FOR EACH ROW EXECUTE FUNCTION tariffs_keep_prices();

-- Prefixes of a deck come by the hundred thousand: looked at once a statement.
CREATE FUNCTION tariffs_keep_deck_prefixes() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM (SELECT DISTINCT deck_id FROM touched) t
        JOIN tariffs_ratedeck d ON d.id = t.deck_id JOIN tariffs_planversion v ON v.id = d.plan_version_id
        WHERE v.state <> 'DRAFT'
    ) THEN
        RAISE EXCEPTION 'the plan version is no draft: its prefixes stay'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'tariffs_planversion_published_stays';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER keep_inserted AFTER INSERT ON tariffs_ratedeckprefix
    REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION tariffs_keep_deck_prefixes();
CREATE TRIGGER keep_updated AFTER UPDATE ON tariffs_ratedeckprefix
    REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION tariffs_keep_deck_prefixes();
CREATE TRIGGER keep_deleted AFTER DELETE ON tariffs_ratedeckprefix
    REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION tariffs_keep_deck_prefixes();

SELECT audit_follow('tariffs_testcall');
SELECT audit_follow('tariffs_ratedeck');

-- reverse --
DROP TRIGGER follow ON tariffs_ratedeck;
DROP TRIGGER follow ON tariffs_testcall;
DROP TRIGGER keep_deleted ON tariffs_ratedeckprefix;
DROP TRIGGER keep_updated ON tariffs_ratedeckprefix;
DROP TRIGGER keep_inserted ON tariffs_ratedeckprefix;
DROP FUNCTION tariffs_keep_deck_prefixes();
DROP TRIGGER keep_published ON tariffs_ratedeck;
DROP TRIGGER keep_published ON tariffs_testcall;
DROP TRIGGER refuse_birth ON tariffs_planversion;
DROP TRIGGER refuse_shortcut ON tariffs_planversion;
DROP FUNCTION tariffs_refuse_shortcut();
CREATE OR REPLACE FUNCTION tariffs_keep_steps() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    touched bigint[];
BEGIN
    touched := CASE TG_OP WHEN 'INSERT' THEN ARRAY[NEW.rate_id] WHEN 'DELETE' THEN ARRAY[OLD.rate_id]
        ELSE ARRAY[OLD.rate_id, NEW.rate_id] END;
    IF EXISTS (
        SELECT 1 FROM tariffs_rate r JOIN tariffs_planversion v ON v.id = r.plan_version_id
        WHERE r.id = ANY (touched) AND v.state = 'PUBLISHED'
    ) THEN
        RAISE EXCEPTION 'the plan version is published: its prices stay'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'tariffs_planversion_published_stays';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE OR REPLACE FUNCTION tariffs_keep_prices() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    touched bigint[];
BEGIN
    touched := CASE TG_OP WHEN 'INSERT' THEN ARRAY[NEW.plan_version_id] WHEN 'DELETE' THEN ARRAY[OLD.plan_version_id]
        ELSE ARRAY[OLD.plan_version_id, NEW.plan_version_id] END;
    IF EXISTS (SELECT 1 FROM tariffs_planversion WHERE id = ANY (touched) AND state = 'PUBLISHED') THEN
        RAISE EXCEPTION 'the plan version is published: its prices stay'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'tariffs_planversion_published_stays';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE OR REPLACE FUNCTION tariffs_keep_published() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - 'during' = to_jsonb(NEW) - 'during' AND lower(OLD.during) = lower(NEW.during) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'version % of plan % is published: make a new version', OLD.number, OLD.plan_id
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'tariffs_planversion_published_stays';
END $$;
DROP TRIGGER keep_published ON tariffs_planversion;
CREATE TRIGGER keep_published BEFORE UPDATE OR DELETE ON tariffs_planversion
    FOR EACH ROW WHEN (OLD.state = 'PUBLISHED') EXECUTE FUNCTION tariffs_keep_published();
ALTER TABLE tariffs_planversion ENABLE ALWAYS TRIGGER keep_published;
