-- Rated records, partitioned by day of start (UTC). The one key is primary key, duplicate guard and the
-- index of "calls of this subscription in this period". Columns are ordered by width: no padding.
CREATE TABLE rating_ratedusage (
    subscription_id bigint NOT NULL,
    start_at timestamptz NOT NULL,
    duplicate_key bigint NOT NULL,
    account_id bigint NOT NULL,
    file_id bigint NOT NULL,
    unit_price_micro bigint NOT NULL,
    amount_micro bigint NOT NULL,
    line_number integer NOT NULL,
    duration_seconds integer NOT NULL,
    zone_id integer NOT NULL,
    bill_item_id integer NOT NULL,
    plan_version_id integer NOT NULL,
    rate_id integer,
    charged_units integer NOT NULL,
    allowance_id integer,
    allowance_units integer NOT NULL,
    bill_period date NOT NULL,
    revision smallint NOT NULL,
    is_late boolean NOT NULL DEFAULT false,
    calling text NOT NULL,
    called text NOT NULL,
    PRIMARY KEY (subscription_id, start_at, duplicate_key, revision)
) PARTITION BY RANGE (start_at);
REVOKE ALL ON rating_ratedusage FROM saldo_app;
GRANT SELECT, INSERT ON rating_ratedusage TO saldo_app;

-- Make the partition of a day, ahead of its records; rating makes none. Returns the table's name.
CREATE FUNCTION rating_make_partition(day date) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    name text := 'rating_ratedusage_' || to_char(day, 'YYYYMMDD');
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('rating_make_partition'));
    IF to_regclass('public.' || name) IS NOT NULL THEN
        RETURN name;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE rating_ratedusage INCLUDING ALL)', name);
    EXECUTE format('REVOKE ALL ON %I FROM saldo_app', name);
    EXECUTE format('GRANT SELECT, INSERT ON %I TO saldo_app', name);
    EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change()', name);
    EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER append_only', name);
    EXECUTE format(
        'ALTER TABLE rating_ratedusage ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
        name, day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC'
    );
    INSERT INTO rating_usagepartition (day, table_name) VALUES (day, name);
    RETURN name;
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON rating_ratedusage
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
ALTER TABLE rating_ratedusage ENABLE ALWAYS TRIGGER append_only;

-- Both are written once for every call's subscription and changed in place as its next calls come.
ALTER TABLE rating_usagetotal SET (fillfactor = 80);
ALTER TABLE rating_allowancebucket SET (fillfactor = 80);

-- A line set aside may be taken up again (its owner was entered); it is never deleted.
REVOKE DELETE ON rating_usagefile, rating_usagetotal, rating_allowancebucket FROM saldo_app;
REVOKE ALL ON rating_usagepartition FROM saldo_app;
GRANT SELECT ON rating_usagepartition TO saldo_app;

-- reverse --
DROP TABLE rating_ratedusage;
DELETE FROM rating_usagepartition;
DROP FUNCTION rating_make_partition(date);
GRANT DELETE ON rating_usagefile, rating_usagetotal, rating_allowancebucket TO saldo_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON rating_usagepartition TO saldo_app;
