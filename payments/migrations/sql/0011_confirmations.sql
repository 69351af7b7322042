-- What a department said stays said; a review is made once and put right once.
CREATE FUNCTION payments_keep_review() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.correction <> '' OR (NEW.id, NEW.entry_id, NEW.seen_by_id, NEW.seen_at)
        IS DISTINCT FROM (OLD.id, OLD.entry_id, OLD.seen_by_id, OLD.seen_at)
    THEN
        RAISE EXCEPTION 'the review of entry % is finished', OLD.entry_id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'payments_operationreview_is_history';
    END IF;
    RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION payments_keep_review() FROM PUBLIC;
CREATE TRIGGER keep BEFORE UPDATE ON payments_operationreview FOR EACH ROW EXECUTE FUNCTION payments_keep_review();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payments_collectionconfirmation
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
ALTER TABLE payments_operationreview ENABLE ALWAYS TRIGGER keep;
ALTER TABLE payments_collectionconfirmation ENABLE ALWAYS TRIGGER append_only;
REVOKE ALL ON payments_collectionconfirmation, payments_operationreview FROM saldo_app;
GRANT SELECT, INSERT ON payments_collectionconfirmation TO saldo_app;
GRANT SELECT, INSERT, UPDATE (correction, corrected_by_id, corrected_at) ON payments_operationreview TO saldo_app;

-- reverse --
DROP TRIGGER append_only ON payments_collectionconfirmation;
DROP TRIGGER keep ON payments_operationreview;
DROP FUNCTION payments_keep_review();
