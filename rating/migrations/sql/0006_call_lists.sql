-- A disclosure is written once; only its end may come sooner.
CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON rating_numberdisclosure
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
ALTER TABLE rating_numberdisclosure ENABLE ALWAYS TRIGGER append_only;
REVOKE ALL ON rating_numberdisclosure FROM saldo_app;
GRANT SELECT, INSERT, UPDATE (ends_at) ON rating_numberdisclosure TO saldo_app;

-- What was ordered stays ordered; what a station's calls earned it is counted by a share that never changes.
REVOKE DELETE ON rating_calllistorder, rating_premiumstation, rating_premiumnumber FROM saldo_app;
REVOKE UPDATE ON rating_premiumstation, rating_premiumnumber FROM saldo_app;
GRANT UPDATE (names, provider, contact_phone, contact_address, during) ON rating_premiumstation TO saldo_app;
GRANT UPDATE (during) ON rating_premiumnumber TO saldo_app;
SELECT audit_follow('rating_premiumstation');
SELECT audit_follow('rating_premiumnumber');
SELECT audit_follow('rating_legalhold');

-- Summaries are added to, in place.
ALTER TABLE rating_trafficday SET (fillfactor = 80);
ALTER TABLE rating_keyaccountday SET (fillfactor = 80);
REVOKE DELETE ON rating_trafficday FROM saldo_app;

-- A hold is placed once and lifted once.
REVOKE ALL ON rating_legalhold FROM saldo_app;
GRANT SELECT, INSERT, UPDATE (lifted_by_id, lifted_at) ON rating_legalhold TO saldo_app;
REVOKE ALL ON rating_detachedpartition, rating_detachedtotal, rating_detachedfile FROM saldo_app;
GRANT SELECT ON rating_detachedpartition, rating_detachedtotal, rating_detachedfile TO saldo_app;

-- Take the partition of a day out of the rated records, keeping what its rows summed to. The table stays, under a name
-- that says so, out of the application's reach. Returns the table's new name; null where the day has no partition.
CREATE FUNCTION rating_detach_partition(old_day date) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    name text;
    kept text;
    rows bigint;
    micro bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('rating_make_partition'));
    SELECT p.table_name INTO name FROM rating_usagepartition p WHERE p.day = old_day;
    IF name IS NULL THEN
        RETURN NULL;
    END IF;
    -- A day of the operator begins at another hour than a partition: each lies in two days of the other.
    IF EXISTS (
        SELECT FROM rating_legalhold h
        WHERE h.lifted_at IS NULL AND h.days && daterange(old_day - 1, old_day + 2)
    ) THEN
        RAISE EXCEPTION 'usage of % is under a legal hold', old_day
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'rating_detach_under_hold';
    END IF;
    kept := 'rating_detached_' || to_char(old_day, 'YYYYMMDD');
    IF to_regclass('public.' || kept) IS NOT NULL THEN
        kept := kept || '_' || (SELECT count(*) FROM rating_detachedpartition d WHERE d.day = old_day);
    END IF;
    EXECUTE format('LOCK TABLE %I IN SHARE MODE', name);
    EXECUTE format(
        'INSERT INTO rating_detachedtotal AS t (account_id, bill_period, subscription_id, bill_item_id, record_count,'
        ' duration_seconds, volume_bytes, charged_units, allowance_units, amount_micro)'
        ' SELECT account_id, bill_period, subscription_id, bill_item_id,'
        '   sum(CASE WHEN revision & 1 = 1 THEN -1 ELSE 1 END), sum(duration_seconds), sum(volume_bytes),'
        '   sum(charged_units),'
        '   sum(allowance_units), sum(amount_micro)'
        ' FROM %I GROUP BY account_id, bill_period, subscription_id, bill_item_id'
        ' ON CONFLICT (account_id, bill_period, subscription_id, bill_item_id) DO UPDATE SET'
        '   record_count = t.record_count + excluded.record_count,'
        '   duration_seconds = t.duration_seconds + excluded.duration_seconds,'
        '   volume_bytes = t.volume_bytes + excluded.volume_bytes,'
        '   charged_units = t.charged_units + excluded.charged_units,'
        '   allowance_units = t.allowance_units + excluded.allowance_units,'
        '   amount_micro = t.amount_micro + excluded.amount_micro', name
    );
    EXECUTE format(
        'INSERT INTO rating_detachedfile AS t (file_id, record_count, duration_seconds, volume_bytes, amount_micro)'
        ' SELECT file_id, count(*), sum(duration_seconds), sum(volume_bytes), sum(amount_micro) FROM %I WHERE revision = 0 GROUP BY file_id'
        ' ON CONFLICT (file_id) DO UPDATE SET record_count = t.record_count + excluded.record_count,'
        '   duration_seconds = t.duration_seconds + excluded.duration_seconds,'
        '   volume_bytes = t.volume_bytes + excluded.volume_bytes,'
        '   amount_micro = t.amount_micro + excluded.amount_micro', name
    );
    EXECUTE format('SELECT count(*), coalesce(sum(amount_micro), 0) FROM %I', name) INTO rows, micro;
    EXECUTE format('ALTER TABLE rating_ratedusage DETACH PARTITION %I', name);
    EXECUTE format('ALTER TABLE %I RENAME TO %I', name, kept);
    EXECUTE format('REVOKE ALL ON %I FROM saldo_app', kept);
    DELETE FROM rating_usagepartition p WHERE p.day = old_day;
    INSERT INTO rating_detachedpartition (day, table_name, record_count, amount_micro)
        VALUES (old_day, kept, rows, micro);
    RETURN kept;
END $$;

-- reverse --
DROP FUNCTION rating_detach_partition(date);
DROP TRIGGER follow ON rating_legalhold;
DROP TRIGGER follow ON rating_premiumnumber;
DROP TRIGGER follow ON rating_premiumstation;
DROP TRIGGER append_only ON rating_numberdisclosure;
