-- A published version and everything priced in it stays as it is; a price is changed by a new version.
-- The one change a published version may see is the end of its period, when the next version begins.
CREATE FUNCTION tariffs_keep_published() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - 'during' = to_jsonb(NEW) - 'during' AND lower(OLD.during) = lower(NEW.during) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'version % of plan % is published: make a new version', OLD.number, OLD.plan_id
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'tariffs_planversion_published_stays';
END $$;
CREATE TRIGGER keep_published BEFORE UPDATE OR DELETE ON tariffs_planversion
    FOR EACH ROW WHEN (OLD.state = 'PUBLISHED') EXECUTE FUNCTION tariffs_keep_published();
ALTER TABLE tariffs_planversion ENABLE ALWAYS TRIGGER keep_published;

CREATE FUNCTION tariffs_keep_prices() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
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
CREATE TRIGGER keep_published BEFORE INSERT OR UPDATE OR DELETE ON tariffs_price
    FOR EACH ROW EXECUTE FUNCTION tariffs_keep_prices();
CREATE TRIGGER keep_published BEFORE INSERT OR UPDATE OR DELETE ON tariffs_rate
    FOR EACH ROW EXECUTE FUNCTION tariffs_keep_prices();
CREATE TRIGGER keep_published BEFORE INSERT OR UPDATE OR DELETE ON tariffs_allowance
    FOR EACH ROW EXECUTE FUNCTION tariffs_keep_prices();

CREATE FUNCTION tariffs_keep_steps() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
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
CREATE TRIGGER keep_published BEFORE INSERT OR UPDATE OR DELETE ON tariffs_ratestep
    FOR EACH ROW EXECUTE FUNCTION tariffs_keep_steps();

SELECT audit_follow('tariffs_plan');
SELECT audit_follow('tariffs_planversion');
SELECT audit_follow('tariffs_price');
SELECT audit_follow('tariffs_rate');
SELECT audit_follow('tariffs_ratestep');
SELECT audit_follow('tariffs_allowance');
SELECT audit_follow('tariffs_zone');
SELECT audit_follow('tariffs_zoneprefix');
SELECT audit_follow('tariffs_billitem');
SELECT audit_follow('tariffs_usagecategory');
SELECT audit_follow('tariffs_taxrate');
SELECT audit_follow('tariffs_discount');
SELECT audit_follow('tariffs_feature');
SELECT audit_follow('tariffs_featureprice');

-- reverse --
DROP TRIGGER follow ON tariffs_featureprice;
DROP TRIGGER follow ON tariffs_feature;
DROP TRIGGER follow ON tariffs_discount;
DROP TRIGGER follow ON tariffs_taxrate;
DROP TRIGGER follow ON tariffs_usagecategory;
DROP TRIGGER follow ON tariffs_billitem;
DROP TRIGGER follow ON tariffs_zoneprefix;
DROP TRIGGER follow ON tariffs_zone;
DROP TRIGGER follow ON tariffs_allowance;
DROP TRIGGER follow ON tariffs_ratestep;
DROP TRIGGER follow ON tariffs_rate;
DROP TRIGGER follow ON tariffs_price;
DROP TRIGGER follow ON tariffs_planversion;
DROP TRIGGER follow ON tariffs_plan;
DROP TRIGGER keep_published ON tariffs_ratestep;
DROP TRIGGER keep_published ON tariffs_allowance;
DROP TRIGGER keep_published ON tariffs_rate;
DROP TRIGGER keep_published ON tariffs_price;
DROP TRIGGER keep_published ON tariffs_planversion;
DROP FUNCTION tariffs_keep_steps();
DROP FUNCTION tariffs_keep_prices();
DROP FUNCTION tariffs_keep_published();
