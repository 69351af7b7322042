-- What a day counts as decides the prices of its calls. Once a cycle with accounts has been billed past a day, the day
-- stays as it is: a correction goes by re-rating. The rows of the cycles are held, so that no run cuts a period
-- meanwhile. After, not before: an insert that became an update by conflict is asked as an update.
CREATE FUNCTION subscribers_keep_billed_days() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    touched date := CASE TG_OP WHEN 'DELETE' THEN OLD.day ELSE NEW.day END;
    weekday_before int := CASE TG_OP WHEN 'INSERT' THEN extract(isodow FROM touched) ELSE OLD.counts_as_weekday END;
    weekday_after int := CASE TG_OP WHEN 'DELETE' THEN extract(isodow FROM touched) ELSE NEW.counts_as_weekday END;
    open_from date;
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.day <> NEW.day THEN
        RAISE EXCEPTION 'special day % cannot become %', OLD.day, NEW.day
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'tariffs_specialday_day_stays';
    END IF;
    IF weekday_before = weekday_after THEN
        RETURN NULL;
    END IF;
    PERFORM FROM subscribers_billcycle ORDER BY id FOR SHARE;
    SELECT max(c.open_from) INTO open_from FROM subscribers_billcycle c
        WHERE EXISTS (SELECT FROM subscribers_account a WHERE a.cycle_id = c.id);
    IF touched < open_from THEN
        RAISE EXCEPTION 'day % was billed: periods are open from %', touched, open_from
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'tariffs_specialday_not_billed',
            DETAIL = touched || ' ' || open_from;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER keep_billed_days AFTER INSERT OR UPDATE OR DELETE ON tariffs_specialday
    FOR EACH ROW EXECUTE FUNCTION subscribers_keep_billed_days();
ALTER TABLE tariffs_specialday ENABLE ALWAYS TRIGGER keep_billed_days;

-- reverse --
DROP TRIGGER keep_billed_days ON tariffs_specialday;
DROP FUNCTION subscribers_keep_billed_days();
