-- What was there when a month began, began and ended in it, kept month by month: what is there on a day is one month's
-- row and the days since, however long the network has been there. A day's row is in the months once it is folded.
CREATE INDEX subscribers_dailycount_loose ON subscribers_dailycount (day) WHERE NOT is_folded;
REVOKE ALL ON subscribers_monthcount FROM saldo_app;
GRANT SELECT ON subscribers_monthcount TO saldo_app;

DROP FUNCTION subscribers_merge_counts();
-- Make one row of new ones and the folded one that have everything in common, and fold what is new into the months; then
-- begin the months that are missing, up to the one of a day. A month that has a row at all is whole.
CREATE FUNCTION subscribers_merge_counts(up_to date) RETURNS bigint LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    merged bigint;
    kept date;
    next date;
BEGIN
    -- One at a time; rows that come meanwhile wait for the next night.
    PERFORM pg_advisory_xact_lock(hashtext('subscribers_merge_counts'));
    WITH parts AS (
        SELECT DISTINCT day, centre_id, category, kind, reason FROM subscribers_dailycount WHERE NOT is_folded
    ), gone AS (
        DELETE FROM subscribers_dailycount c USING parts p
        WHERE (c.day, c.centre_id, c.category, c.kind, c.reason) = (p.day, p.centre_id, p.category, p.kind, p.reason)
        RETURNING c.*
    ), one AS (
        INSERT INTO subscribers_dailycount (day, centre_id, category, kind, reason, begun_count, ended_count, is_folded)
        SELECT day, centre_id, category, kind, reason, sum(begun_count), sum(ended_count), true FROM gone
        GROUP BY 1, 2, 3, 4, 5 HAVING sum(begun_count) <> 0 OR sum(ended_count) <> 0
    ), folded AS (
        INSERT INTO subscribers_monthcount AS t (month, centre_id, category, kind, opening_count, begun_count, ended_count)
        SELECT m.month, g.centre_id, g.category, g.kind,
               coalesce(sum(g.begun_count - g.ended_count) FILTER (WHERE g.day < m.month), 0),
               coalesce(sum(g.begun_count) FILTER (WHERE g.day >= m.month), 0),
               coalesce(sum(g.ended_count) FILTER (WHERE g.day >= m.month), 0)
        FROM (
            SELECT day, centre_id, category, kind, sum(begun_count) AS begun_count, sum(ended_count) AS ended_count
            FROM gone WHERE NOT is_folded GROUP BY 1, 2, 3, 4
        ) AS g
        JOIN (SELECT DISTINCT month FROM subscribers_monthcount) AS m ON g.day < m.month + interval '1 month'
        GROUP BY 1, 2, 3, 4
        ON CONFLICT (month, centre_id, category, kind) DO UPDATE SET
            opening_count = t.opening_count + excluded.opening_count,
            begun_count = t.begun_count + excluded.begun_count,
            ended_count = t.ended_count + excluded.ended_count
    )
    SELECT count(*) INTO merged FROM gone;

    SELECT max(month) INTO kept FROM subscribers_monthcount;
    -- Of a network that is older than five years the first month kept is the one five years ago.
    next := coalesce(
        kept + interval '1 month',
        greatest((SELECT date_trunc('month', min(day)) FROM subscribers_dailycount WHERE is_folded),
                 date_trunc('month', up_to) - interval '5 years')
    );
    WHILE next <= up_to LOOP
        INSERT INTO subscribers_monthcount (month, centre_id, category, kind, opening_count, begun_count, ended_count)
        SELECT next, centre_id, category, kind, sum(opening), sum(begun), sum(ended)
        FROM (
            SELECT centre_id, category, kind, opening_count + begun_count - ended_count AS opening, 0 AS begun, 0 AS ended
            FROM subscribers_monthcount WHERE month = kept
            UNION ALL
            SELECT centre_id, category, kind,
                   CASE WHEN day < next THEN begun_count - ended_count ELSE 0 END,
                   CASE WHEN day >= next THEN begun_count ELSE 0 END,
                   CASE WHEN day >= next THEN ended_count ELSE 0 END
            FROM subscribers_dailycount
            WHERE is_folded AND day >= coalesce(kept + interval '1 month', '-infinity') AND day < next + interval '1 month'
        ) AS c
        GROUP BY 2, 3, 4 HAVING sum(opening) <> 0 OR sum(begun) <> 0 OR sum(ended) <> 0;
        IF FOUND THEN
            kept := next;
        END IF;
        next := next + interval '1 month';
    END LOOP;
    RETURN merged;
END $$;
REVOKE EXECUTE ON FUNCTION subscribers_merge_counts(date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION subscribers_merge_counts(date) TO saldo_app;

-- reverse --
DROP FUNCTION subscribers_merge_counts(date);
DROP INDEX subscribers_dailycount_loose;
CREATE FUNCTION subscribers_merge_counts() RETURNS bigint LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    merged bigint;
BEGIN
    -- One at a time; rows that come meanwhile wait for the next night.
    PERFORM pg_advisory_xact_lock(hashtext('subscribers_merge_counts'));
    WITH parts AS (
        SELECT day, centre_id, category, kind, reason FROM subscribers_dailycount
        GROUP BY 1, 2, 3, 4, 5
        HAVING count(*) > 1 OR (sum(begun_count) = 0 AND sum(ended_count) = 0)
    ), gone AS (
        DELETE FROM subscribers_dailycount c USING parts p
        WHERE (c.day, c.centre_id, c.category, c.kind, c.reason) = (p.day, p.centre_id, p.category, p.kind, p.reason)
        RETURNING c.*
    ), kept AS (
        INSERT INTO subscribers_dailycount (day, centre_id, category, kind, reason, begun_count, ended_count)
        SELECT day, centre_id, category, kind, reason, sum(begun_count), sum(ended_count) FROM gone
        GROUP BY 1, 2, 3, 4, 5 HAVING sum(begun_count) <> 0 OR sum(ended_count) <> 0
    )
    SELECT count(*) INTO merged FROM gone;
    RETURN merged;
END $$;
REVOKE EXECUTE ON FUNCTION subscribers_merge_counts() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION subscribers_merge_counts() TO saldo_app;
