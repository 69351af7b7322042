SELECT audit_follow('subscribers_deliverychannel');

-- The ways that an account's bills take today, one row each: said once, read by the card and by every delivery.
-- Chosen ways that work; without a choice the subscriber's mail. Paper where neither is there, and where mail that was
-- chosen comes back and no paper was chosen beside it. An account that chose its own pages alone gets nothing else.
CREATE VIEW subscribers_billway AS
    SELECT a.id AS account_id, w.kind, w.address, coalesce(nullif(w.language, ''), s.language) AS language,
           CASE WHEN w.kind = 'PRINT' THEN a.post_code ELSE '' END AS post_code,
           CASE WHEN w.kind = 'PRINT' THEN a.route ELSE '' END AS route
    FROM subscribers_account a
    JOIN subscribers_subscriber s ON s.id = a.subscriber_id
    CROSS JOIN LATERAL (
        SELECT count(*) AS chosen,
               count(*) FILTER (WHERE d.kind = 'E_MAIL') AS by_mail,
               count(*) FILTER (
                   WHERE d.kind = 'PRINT'
                      OR d.kind = 'E_MAIL' AND d.bounced_at IS NULL AND (d.address <> '' OR s.email <> '')
               ) AS arriving
        FROM subscribers_deliverychannel d WHERE d.account_id = a.id
    ) AS c
    CROSS JOIN LATERAL (
        SELECT d.kind::text AS kind,
               CASE WHEN d.kind = 'E_MAIL' THEN coalesce(nullif(d.address, ''), s.email) ELSE '' END::text AS address,
               d.language::text AS language
        FROM subscribers_deliverychannel d
        WHERE d.account_id = a.id
          AND (d.kind <> 'E_MAIL' OR d.bounced_at IS NULL AND (d.address <> '' OR s.email <> ''))
        UNION ALL
        SELECT 'E_MAIL', s.email, '' WHERE c.chosen = 0 AND s.email <> ''
        UNION ALL
        SELECT 'PRINT', '', '' WHERE CASE WHEN c.chosen = 0 THEN s.email = '' ELSE c.by_mail > 0 AND c.arriving = 0 END
    ) AS w;
REVOKE ALL ON subscribers_billway FROM saldo_app;
GRANT SELECT ON subscribers_billway TO saldo_app;

-- reverse --
DROP VIEW subscribers_billway;
DROP TRIGGER follow ON subscribers_deliverychannel;
