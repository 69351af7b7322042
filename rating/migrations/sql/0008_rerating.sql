-- A record of a re-rating that comes after its bill period was cut says which one: that of its line on the bill.
ALTER TABLE rating_ratedusage ADD COLUMN corrects date;

ALTER TABLE rating_correctiontotal SET (fillfactor = 80);
REVOKE DELETE ON rating_correctiontotal, rating_rerating FROM saldo_app;

-- Of a day that is detached the corrections are summed once more, apart: their totals are apart as well.
REVOKE ALL ON rating_detachedcorrection FROM saldo_app;
GRANT SELECT ON rating_detachedcorrection TO saldo_app;
ALTER FUNCTION rating_detach_partition(date) RENAME TO rating_detach_records;
REVOKE EXECUTE ON FUNCTION rating_detach_records(date) FROM PUBLIC;
CREATE FUNCTION rating_detach_partition(old_day date) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    name text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('rating_make_partition'));
    SELECT p.table_name INTO name FROM rating_usagepartition p WHERE p.day = old_day;
    IF name IS NULL THEN
        RETURN NULL;
    END IF;
    EXECUTE format('LOCK TABLE %I IN SHARE MODE', name);
    EXECUTE format(
        'INSERT INTO rating_detachedcorrection AS t (account_id, bill_period, subscription_id, bill_item_id, corrects,'
        ' record_count, duration_seconds, volume_bytes, charged_units, allowance_units, amount_micro)'
        ' SELECT account_id, bill_period, subscription_id, bill_item_id, corrects,'
        '   sum(CASE WHEN revision & 1 = 1 THEN -1 ELSE 1 END), sum(duration_seconds), sum(volume_bytes),'
        '   sum(charged_units), sum(allowance_units), sum(amount_micro)'
        ' FROM %I WHERE corrects IS NOT NULL'
        ' GROUP BY account_id, bill_period, subscription_id, bill_item_id, corrects'
        ' ON CONFLICT (account_id, bill_period, subscription_id, bill_item_id, corrects) DO UPDATE SET'
        '   record_count = t.record_count + excluded.record_count,'
        '   duration_seconds = t.duration_seconds + excluded.duration_seconds,'
        '   volume_bytes = t.volume_bytes + excluded.volume_bytes,'
        '   charged_units = t.charged_units + excluded.charged_units,'
        '   allowance_units = t.allowance_units + excluded.allowance_units,'
        '   amount_micro = t.amount_micro + excluded.amount_micro', name
    );
    RETURN rating_detach_records(old_day);
END $$;

-- reverse --
DROP FUNCTION rating_detach_partition(date);
ALTER FUNCTION rating_detach_records(date) RENAME TO rating_detach_partition;
GRANT EXECUTE ON FUNCTION rating_detach_partition(date) TO PUBLIC;
GRANT DELETE ON rating_correctiontotal, rating_rerating TO saldo_app;
ALTER TABLE rating_ratedusage DROP COLUMN corrects;
