-- What a category went into is what it went into ever since.
INSERT INTO tariffs_usagecategoryitem (category_id, bill_item_id, during)
SELECT id, bill_item_id, daterange(NULL, NULL) FROM tariffs_usagecategory WHERE bill_item_id IS NOT NULL ORDER BY id;
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;

-- An approved promotion or contract term stays as it is: agreements refer to it. Only the days on which it may be
-- agreed may end.
CREATE FUNCTION tariffs_keep_approved() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - 'during' = to_jsonb(NEW) - 'during' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% % is approved: make a new one', TG_TABLE_NAME, OLD.code
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'tariffs_approved_stays';
END $$;
CREATE TRIGGER keep_approved BEFORE UPDATE OR DELETE ON tariffs_promotion
    FOR EACH ROW WHEN (OLD.state = 'APPROVED') EXECUTE FUNCTION tariffs_keep_approved();
CREATE TRIGGER keep_approved BEFORE UPDATE OR DELETE ON tariffs_contractterm
    FOR EACH ROW WHEN (OLD.state = 'APPROVED') EXECUTE FUNCTION tariffs_keep_approved();
ALTER TABLE tariffs_promotion ENABLE ALWAYS TRIGGER keep_approved;
ALTER TABLE tariffs_contractterm ENABLE ALWAYS TRIGGER keep_approved;

CREATE FUNCTION tariffs_keep_promotion_items() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    touched bigint[];
BEGIN
    touched := CASE TG_OP WHEN 'INSERT' THEN ARRAY[NEW.promotion_id] WHEN 'DELETE' THEN ARRAY[OLD.promotion_id]
        ELSE ARRAY[OLD.promotion_id, NEW.promotion_id] END;
    IF EXISTS (SELECT 1 FROM tariffs_promotion WHERE id = ANY (touched) AND state = 'APPROVED') THEN
        RAISE EXCEPTION 'the promotion is approved: its items stay'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'tariffs_approved_stays';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER keep_approved BEFORE INSERT OR UPDATE OR DELETE ON tariffs_promotion_credited_items
    FOR EACH ROW EXECUTE FUNCTION tariffs_keep_promotion_items();
CREATE TRIGGER keep_approved BEFORE INSERT OR UPDATE OR DELETE ON tariffs_promotion_rent_items
    FOR EACH ROW EXECUTE FUNCTION tariffs_keep_promotion_items();
ALTER TABLE tariffs_promotion_credited_items ENABLE ALWAYS TRIGGER keep_approved;
ALTER TABLE tariffs_promotion_rent_items ENABLE ALWAYS TRIGGER keep_approved;

REVOKE EXECUTE ON FUNCTION tariffs_keep_approved(), tariffs_keep_promotion_items() FROM PUBLIC;
SELECT audit_follow('tariffs_usagecategoryitem');
SELECT audit_follow('tariffs_promotion');
SELECT audit_follow('tariffs_contractterm');

-- reverse --
DROP TRIGGER follow ON tariffs_contractterm;
DROP TRIGGER follow ON tariffs_promotion;
DROP TRIGGER follow ON tariffs_usagecategoryitem;
DROP TRIGGER keep_approved ON tariffs_promotion_rent_items;
DROP TRIGGER keep_approved ON tariffs_promotion_credited_items;
DROP TRIGGER keep_approved ON tariffs_contractterm;
DROP TRIGGER keep_approved ON tariffs_promotion;
DROP FUNCTION tariffs_keep_promotion_items();
DROP FUNCTION tariffs_keep_approved();
UPDATE tariffs_usagecategory c SET bill_item_id = i.bill_item_id
FROM tariffs_usagecategoryitem i WHERE i.category_id = c.id AND upper_inf(i.during);
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
