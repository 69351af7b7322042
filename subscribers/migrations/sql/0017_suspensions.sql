-- Lines out of service are counted as lines are: a row of the kind SUSPENDED when one is suspended, and when it is back.
CREATE VIEW subscribers_suspended_and_resumed AS
SELECT m.day, a.centre_id, a.category, 'SUSPENDED' AS kind, '' AS reason, m.begun_count, m.ended_count
FROM subscribers_subscriptionsuspension p
JOIN subscribers_subscription s ON s.id = p.subscription_id
JOIN subscribers_account a ON a.id = s.account_id
CROSS JOIN LATERAL (VALUES (lower(p.during), 1, 0), (upper(p.during), 0, 1)) AS m (day, begun_count, ended_count)
WHERE m.day IS NOT NULL;

CREATE FUNCTION subscribers_count_suspensions() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO subscribers_dailycount (day, centre_id, category, kind, reason, begun_count, ended_count)
        SELECT m.day, a.centre_id, a.category, 'SUSPENDED', '', sum(m.begun), sum(m.ended)
        FROM added p
        JOIN subscribers_subscription s ON s.id = p.subscription_id
        JOIN subscribers_account a ON a.id = s.account_id
        CROSS JOIN LATERAL (VALUES (lower(p.during), 1, 0), (upper(p.during), 0, 1)) AS m (day, begun, ended)
        WHERE m.day IS NOT NULL GROUP BY 1, 2, 3;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO subscribers_dailycount (day, centre_id, category, kind, reason, begun_count, ended_count)
        SELECT m.day, a.centre_id, a.category, 'SUSPENDED', '', -sum(m.begun), -sum(m.ended)
        FROM gone p
        JOIN subscribers_subscription s ON s.id = p.subscription_id
        JOIN subscribers_account a ON a.id = s.account_id
        CROSS JOIN LATERAL (VALUES (lower(p.during), 1, 0), (upper(p.during), 0, 1)) AS m (day, begun, ended)
        WHERE m.day IS NOT NULL GROUP BY 1, 2, 3;
    ELSE
        INSERT INTO subscribers_dailycount (day, centre_id, category, kind, reason, begun_count, ended_count)
        SELECT m.day, a.centre_id, a.category, 'SUSPENDED', '', sum(p.times * m.begun), sum(p.times * m.ended)
        FROM (
            SELECT subscription_id, during, -1 AS times FROM gone
            UNION ALL
            SELECT subscription_id, during, 1 FROM added
        ) AS p
        JOIN subscribers_subscription s ON s.id = p.subscription_id
        JOIN subscribers_account a ON a.id = s.account_id
        CROSS JOIN LATERAL (VALUES (lower(p.during), 1, 0), (upper(p.during), 0, 1)) AS m (day, begun, ended)
        WHERE m.day IS NOT NULL
        GROUP BY 1, 2, 3 HAVING sum(p.times * m.begun) <> 0 OR sum(p.times * m.ended) <> 0;
    END IF;
    RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION subscribers_count_suspensions() FROM PUBLIC;

CREATE TRIGGER count_added AFTER INSERT ON subscribers_subscriptionsuspension
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION subscribers_count_suspensions();
CREATE TRIGGER count_changed AFTER UPDATE ON subscribers_subscriptionsuspension
    REFERENCING OLD TABLE AS gone NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION subscribers_count_suspensions();
CREATE TRIGGER count_gone AFTER DELETE ON subscribers_subscriptionsuspension
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION subscribers_count_suspensions();
ALTER TABLE subscribers_subscriptionsuspension ENABLE ALWAYS TRIGGER count_added;
ALTER TABLE subscribers_subscriptionsuspension ENABLE ALWAYS TRIGGER count_changed;
ALTER TABLE subscribers_subscriptionsuspension ENABLE ALWAYS TRIGGER count_gone;

-- An account that moves to another centre or category takes its lines with it, their past too.
CREATE OR REPLACE FUNCTION subscribers_recount_accounts() RETURNS trigger LANGUAGE plpgsql
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
        UNION ALL
        SELECT m.day, a.centre_id, a.category, 'SUSPENDED', '', a.times * m.begun, a.times * m.ended
        FROM gone g
        JOIN added n ON n.id = g.id AND (n.centre_id, n.category) <> (g.centre_id, g.category)
        CROSS JOIN LATERAL (VALUES (g.centre_id, g.category, -1), (n.centre_id, n.category, 1))
            AS a (centre_id, category, times)
        JOIN subscribers_subscription s ON s.account_id = g.id
        JOIN subscribers_subscriptionsuspension p ON p.subscription_id = s.id
        CROSS JOIN LATERAL (VALUES (lower(p.during), 1, 0), (upper(p.during), 0, 1)) AS m (day, begun, ended)
    ) AS c
    WHERE c.day IS NOT NULL
    GROUP BY 1, 2, 3, 4, 5 HAVING sum(c.begun) <> 0 OR sum(c.ended) <> 0;
    RETURN NULL;
END $$;
INSERT INTO subscribers_dailycount (day, centre_id, category, kind, reason, begun_count, ended_count)
SELECT day, centre_id, category, kind, reason, sum(begun_count), sum(ended_count)
FROM subscribers_suspended_and_resumed GROUP BY 1, 2, 3, 4, 5;

REVOKE ALL ON subscribers_suspended_and_resumed FROM saldo_app;
GRANT SELECT ON subscribers_suspended_and_resumed TO saldo_app;

-- reverse --
-- An account that moves to another centre or category takes its lines with it, their past too.
CREATE OR REPLACE FUNCTION subscribers_recount_accounts() RETURNS trigger LANGUAGE plpgsql
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
DELETE FROM subscribers_dailycount WHERE kind = 'SUSPENDED';
DROP TRIGGER count_gone ON subscribers_subscriptionsuspension;
DROP TRIGGER count_changed ON subscribers_subscriptionsuspension;
DROP TRIGGER count_added ON subscribers_subscriptionsuspension;
DROP FUNCTION subscribers_count_suspensions();
DROP VIEW subscribers_suspended_and_resumed;
