-- An approved commitment stays as it is, but for its end; what counts towards it stays too.
CREATE TRIGGER keep_approved BEFORE UPDATE OR DELETE ON tariffs_minimumcommitment
    FOR EACH ROW WHEN (OLD.state = 'APPROVED') EXECUTE FUNCTION tariffs_keep_approved();
ALTER TABLE tariffs_minimumcommitment ENABLE ALWAYS TRIGGER keep_approved;

CREATE FUNCTION tariffs_keep_counted_items() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    touched bigint[];
BEGIN
    touched := CASE TG_OP WHEN 'INSERT' THEN ARRAY[NEW.minimumcommitment_id]
        WHEN 'DELETE' THEN ARRAY[OLD.minimumcommitment_id]
        ELSE ARRAY[OLD.minimumcommitment_id, NEW.minimumcommitment_id] END;
    IF EXISTS (SELECT 1 FROM tariffs_minimumcommitment WHERE id = ANY (touched) AND state = 'APPROVED') THEN
        RAISE EXCEPTION 'the commitment is approved: what counts towards it stays'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'tariffs_approved_stays';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER keep_approved BEFORE INSERT OR UPDATE OR DELETE ON tariffs_minimumcommitment_counted_items
    FOR EACH ROW EXECUTE FUNCTION tariffs_keep_counted_items();
ALTER TABLE tariffs_minimumcommitment_counted_items ENABLE ALWAYS TRIGGER keep_approved;

-- All published versions of a plan say the same about tax: what was used under one is never taxed as under another.
CREATE FUNCTION tariffs_keep_tax_of_plan() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM tariffs_planversion v
        WHERE v.plan_id = NEW.plan_id AND v.state = 'PUBLISHED' AND v.prices_include_tax <> NEW.prices_include_tax
    ) THEN
        RAISE EXCEPTION 'other versions of plan % say otherwise about tax', NEW.plan_id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'tariffs_planversion_tax_of_plan';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_tax_of_plan BEFORE UPDATE ON tariffs_planversion
    FOR EACH ROW WHEN (OLD.state <> 'PUBLISHED' AND NEW.state = 'PUBLISHED')
    EXECUTE FUNCTION tariffs_keep_tax_of_plan();
ALTER TABLE tariffs_planversion ENABLE ALWAYS TRIGGER keep_tax_of_plan;

REVOKE EXECUTE ON FUNCTION tariffs_keep_counted_items(), tariffs_keep_tax_of_plan() FROM PUBLIC;
SELECT audit_follow('tariffs_minimumcommitment');
SELECT audit_follow('tariffs_cashrounding');
SELECT audit_follow('tariffs_provider');
SELECT audit_follow('tariffs_discountstep');

-- reverse --
DROP TRIGGER follow ON tariffs_discountstep;
DROP TRIGGER follow ON tariffs_provider;
DROP TRIGGER follow ON tariffs_cashrounding;
DROP TRIGGER follow ON tariffs_minimumcommitment;
DROP TRIGGER keep_tax_of_plan ON tariffs_planversion;
DROP FUNCTION tariffs_keep_tax_of_plan();
DROP TRIGGER keep_approved ON tariffs_minimumcommitment_counted_items;
DROP FUNCTION tariffs_keep_counted_items();
DROP TRIGGER keep_approved ON tariffs_minimumcommitment;
