-- Rated records of every service: calls, messages, data, contents of others.
ALTER TABLE rating_ratedusage
    ALTER COLUMN charged_units TYPE bigint,
    ALTER COLUMN allowance_units TYPE bigint,
    ADD COLUMN volume_bytes bigint NOT NULL DEFAULT 0,
    ADD COLUMN third_party_micro bigint NOT NULL DEFAULT 0,
    ADD COLUMN units_before bigint,
    ADD COLUMN events_before integer,
    ADD COLUMN service smallint NOT NULL DEFAULT 0;

-- reverse --
ALTER TABLE rating_ratedusage
    DROP COLUMN service,
    DROP COLUMN events_before,
    DROP COLUMN units_before,
    DROP COLUMN third_party_micro,
    DROP COLUMN volume_bytes,
    ALTER COLUMN allowance_units TYPE integer,
    ALTER COLUMN charged_units TYPE integer;
