-- What begins and ends is counted in the statement that does it, by triggers that nobody can forget; the application
-- reads. Rows are only added, so that nobody waits for anybody; at night rows that belong together become one.
CREATE VIEW subscribers_begun_and_ended AS
SELECT m.day, a.centre_id, a.category, s.kind, m.reason, m.begun_count, m.ended_count
FROM subscribers_subscription s
JOIN subscribers_account a ON a.id = s.account_id
CROSS JOIN LATERAL (VALUES (s.active_from, '', 1, 0), (s.active_until, s.end_reason, 0, 1))
    AS m (day, reason, begun_count, ended_count)
WHERE m.day IS NOT NULL
UNION ALL
SELECT m.day, a.centre_id, a.category, 'ACCOUNT', '', m.begun_count, m.ended_count
FROM subscribers_account a
CROSS JOIN LATERAL (VALUES (a.opened_on, 1, 0), (a.closed_on, 0, 1)) AS m (day, begun_count, ended_count)
WHERE m.day IS NOT NULL;

CREATE FUNCTION subscribers_count_lines() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO subscribers_dailycount (day, centre_id, category, kind, reason, begun_count, ended_count)
        SELECT m.day, a.centre_id, a.category, s.kind, m.reason, sum(m.begun), sum(m.ended)
        FROM added s
        JOIN subscribers_account a ON a.id = s.account_id
        CROSS JOIN LATERAL (VALUES (s.active_from, '', 1, 0), (s.active_until, s.end_reason, 0, 1))
            AS m (day, reason, begun, ended)
        WHERE m.day IS NOT NULL GROUP BY 1, 2, 3, 4, 5;
    ELSE
        INSERT INTO subscribers_dailycount (day, centre_id, category, kind, reason, begun_count, ended_count)
        SELECT m.day, a.centre_id, a.category, s.kind, m.reason, sum(s.times * m.begun), sum(s.times * m.ended)
        FROM (
            SELECT account_id, kind, active_from, active_until, end_reason, -1 AS times FROM gone
            UNION ALL
            SELECT account_id, kind, active_from, active_until, end_reason, 1 FROM added
        ) AS s
        JOIN subscribers_account a ON a.id = s.account_id
        CROSS JOIN LATERAL (VALUES (s.active_from, '', 1, 0), (s.active_until, s.end_reason, 0, 1))
            AS m (day, reason, begun, ended)
        WHERE m.day IS NOT NULL
        GROUP BY 1, 2, 3, 4, 5 HAVING sum(s.times * m.begun) <> 0 OR sum(s.times * m.ended) <> 0;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION subscribers_uncount_lines() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO subscribers_dailycount (day, centre_id, category, kind, reason, begun_count, ended_count)
    SELECT m.day, a.centre_id, a.category, s.kind, m.reason, -sum(m.begun), -sum(m.ended)
    FROM gone s
    JOIN subscribers_account a ON a.id = s.account_id
    CROSS JOIN LATERAL (VALUES (s.active_from, '', 1, 0), (s.active_until, s.end_reason, 0, 1))
        AS m (day, reason, begun, ended)
    WHERE m.day IS NOT NULL GROUP BY 1, 2, 3, 4, 5;
    RETURN NULL;
END $$;
CREATE FUNCTION subscribers_count_accounts() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO subscribers_dailycount (day, centre_id, category, kind, reason, begun_count, ended_count)
    SELECT m.day, a.centre_id, a.category, 'ACCOUNT', '', sum(m.begun), sum(m.ended)
    FROM added a CROSS JOIN LATERAL (VALUES (a.opened_on, 1, 0), (a.closed_on, 0, 1)) AS m (day, begun, ended)
    WHERE m.day IS NOT NULL GROUP BY 1, 2, 3;
    RETURN NULL;
END $$;
-- An account that moves to another centre or category takes its lines with it, their past too.
CREATE FUNCTION subscribers_recount_accounts() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO subscribers_dailycount (day, centre_id, category, kind, reason, begun_count, ended_count)
    SELECT c.day, c.centre_id, c.category, c.kind, c.reason, sum(c.begun), sum(c.ended)
    FROM (
        SELECT m.day, a.centre_id, a.category, 'ACCOUNT' AS kind, '' AS reason, a.times * m.begun AS begun,
               a.times * m.ended AS ended
        FROM (
            SELECT centre_id, category, opened_on, closed_on, -1 AS times FROM gone
            UNION ALL
            SELECT centre_id, category, opened_on, closed_on, 1 FROM added
        ) AS a
        CROSS JOIN LATERAL (VALUES (a.opened_on, 1, 0), (a.closed_on, 0, 1)) AS m (day, begun, ended)
        UNION ALL
        SELECT m.day, a.centre_id, a.category, s.kind, m.reason, a.times * m.begun, a.times * m.ended
        FROM gone g
        JOIN added n ON n.id = g.id AND (n.centre_id, n.category) <> (g.centre_id, g.category)
        CROSS JOIN LATERAL (VALUES (g.centre_id, g.category, -1), (n.centre_id, n.category, 1))
            AS a (centre_id, category, times)
        JOIN subscribers_subscription s ON s.account_id = g.id
        CROSS JOIN LATERAL (VALUES (s.active_from, '', 1, 0), (s.active_until, s.end_reason, 0, 1))
            AS m (day, reason, begun, ended)
    ) AS c
    WHERE c.day IS NOT NULL
    GROUP BY 1, 2, 3, 4, 5 HAVING sum(c.begun) <> 0 OR sum(c.ended) <> 0;
    RETURN NULL;
END $$;
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
REVOKE EXECUTE ON FUNCTION subscribers_count_lines(), subscribers_uncount_lines(), subscribers_count_accounts(),
    subscribers_recount_accounts(), subscribers_merge_counts() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION subscribers_merge_counts() TO saldo_app;

CREATE TRIGGER count_added AFTER INSERT ON subscribers_subscription
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION subscribers_count_lines();
CREATE TRIGGER count_changed AFTER UPDATE ON subscribers_subscription
    REFERENCING OLD TABLE AS gone NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION subscribers_count_lines();
CREATE TRIGGER count_gone AFTER DELETE ON subscribers_subscription
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION subscribers_uncount_lines();
CREATE TRIGGER count_added AFTER INSERT ON subscribers_account
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION subscribers_count_accounts();
CREATE TRIGGER count_changed AFTER UPDATE ON subscribers_account
    REFERENCING OLD TABLE AS gone NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION subscribers_recount_accounts();
ALTER TABLE subscribers_subscription ENABLE ALWAYS TRIGGER count_added;
ALTER TABLE subscribers_subscription ENABLE ALWAYS TRIGGER count_changed;
ALTER TABLE subscribers_subscription ENABLE ALWAYS TRIGGER count_gone;
ALTER TABLE subscribers_account ENABLE ALWAYS TRIGGER count_added;
ALTER TABLE subscribers_account ENABLE ALWAYS TRIGGER count_changed;

INSERT INTO subscribers_dailycount (day, centre_id, category, kind, reason, begun_count, ended_count)
SELECT day, centre_id, category, kind, reason, sum(begun_count), sum(ended_count)
FROM subscribers_begun_and_ended GROUP BY 1, 2, 3, 4, 5;

REVOKE ALL ON subscribers_dailycount, subscribers_begun_and_ended FROM saldo_app;
GRANT SELECT ON subscribers_dailycount, subscribers_begun_and_ended TO saldo_app;

-- reverse --
DROP TRIGGER count_changed ON subscribers_account;
DROP TRIGGER count_added ON subscribers_account;
DROP TRIGGER count_gone ON subscribers_subscription;
DROP TRIGGER count_changed ON subscribers_subscription;
DROP TRIGGER count_added ON subscribers_subscription;
DROP FUNCTION subscribers_merge_counts();
DROP FUNCTION subscribers_recount_accounts();
DROP FUNCTION subscribers_count_accounts();
DROP FUNCTION subscribers_uncount_lines();
DROP FUNCTION subscribers_count_lines();
DROP VIEW subscribers_begun_and_ended;
