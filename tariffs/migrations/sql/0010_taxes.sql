-- Rates of tax: by the treatment of their category, open books, and never changed once they are there, but for their end.
CREATE FUNCTION tariffs_keep_tax_rate() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    closed date := (SELECT closed_through FROM ledger_periodlock);
BEGIN
    IF TG_OP = 'DELETE' OR TG_OP = 'UPDATE' AND (
        (NEW.category_id, NEW.percent) <> (OLD.category_id, OLD.percent)
        OR lower(NEW.during) IS DISTINCT FROM lower(OLD.during)
    ) THEN
        RAISE EXCEPTION 'rate % of tax stays: set another from a later day', OLD.id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'tariffs_taxrate_stays';
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF upper(NEW.during) IS DISTINCT FROM upper(OLD.during)
                AND least(coalesce(upper(NEW.during), 'infinity'), coalesce(upper(OLD.during), 'infinity')) <= closed THEN
            RAISE EXCEPTION 'the books are closed through %', closed
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'tariffs_taxrate_in_open_books';
        END IF;
        RETURN NEW;
    END IF;
    -- Two rates set at once follow each other, and the treatment stays while one is set.
    PERFORM FROM tariffs_taxcategory WHERE id = NEW.category_id FOR NO KEY UPDATE;
    IF NEW.percent > 0 AND EXISTS (
        SELECT FROM tariffs_taxcategory WHERE id = NEW.category_id AND treatment <> 'S'
    ) THEN
        RAISE EXCEPTION 'by the treatment of category % nothing is charged', NEW.category_id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'tariffs_taxrate_of_treatment';
    END IF;
    IF coalesce(lower(NEW.during), '-infinity') <= closed
            AND EXISTS (SELECT FROM tariffs_taxrate WHERE category_id = NEW.category_id) THEN
        RAISE EXCEPTION 'the books are closed through %', closed
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'tariffs_taxrate_in_open_books';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_tax_rate BEFORE INSERT OR UPDATE OR DELETE ON tariffs_taxrate
    FOR EACH ROW EXECUTE FUNCTION tariffs_keep_tax_rate();
ALTER TABLE tariffs_taxrate ENABLE ALWAYS TRIGGER keep_tax_rate;

-- A category that is in use is what it was: bills and books name it by its code and its treatment.
CREATE FUNCTION tariffs_keep_tax_category() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM tariffs_taxrate WHERE category_id = OLD.id)
            OR EXISTS (SELECT FROM tariffs_billitem WHERE tax_category_id = OLD.id) THEN
        RAISE EXCEPTION 'category % of tax is in use: create another', OLD.code
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'tariffs_taxcategory_in_use';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER keep_used_on_delete BEFORE DELETE ON tariffs_taxcategory
    FOR EACH ROW EXECUTE FUNCTION tariffs_keep_tax_category();
CREATE TRIGGER keep_used_on_update BEFORE UPDATE ON tariffs_taxcategory
    FOR EACH ROW WHEN ((OLD.code, OLD.treatment, OLD.reason_code) <> (NEW.code, NEW.treatment, NEW.reason_code))
    EXECUTE FUNCTION tariffs_keep_tax_category();
ALTER TABLE tariffs_taxcategory ENABLE ALWAYS TRIGGER keep_used_on_delete;
ALTER TABLE tariffs_taxcategory ENABLE ALWAYS TRIGGER keep_used_on_update;

REVOKE EXECUTE ON FUNCTION tariffs_keep_tax_rate(), tariffs_keep_tax_category() FROM PUBLIC;

-- reverse --
DROP TRIGGER keep_used_on_update ON tariffs_taxcategory;
DROP TRIGGER keep_used_on_delete ON tariffs_taxcategory;
DROP FUNCTION tariffs_keep_tax_category();
DROP TRIGGER keep_tax_rate ON tariffs_taxrate;
DROP FUNCTION tariffs_keep_tax_rate();
