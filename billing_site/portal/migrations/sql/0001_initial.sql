-- Certificates are written once. Logins, sessions and codes stay: what was opened when, by whom, is not forgotten.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON portal_nodebtcertificate
    FOR EACH STATEMENT EXECUTE FUNCTION saldo_refuse_change();
ALTER TABLE portal_nodebtcertificate ENABLE ALWAYS TRIGGER append_only;
REVOKE UPDATE, DELETE ON portal_nodebtcertificate FROM saldo_app;
REVOKE DELETE ON portal_portallogin, portal_portalsession, portal_portalcode, portal_portalcalllist FROM saldo_app;
REVOKE UPDATE ON portal_portalcode, portal_portalcalllist FROM saldo_app;
GRANT UPDATE (tries_left, used_at, ended_at) ON portal_portalcode TO saldo_app;

-- reverse --
REVOKE UPDATE (tries_left, used_at, ended_at) ON portal_portalcode FROM saldo_app;
GRANT UPDATE ON portal_portalcode, portal_portalcalllist TO saldo_app;
GRANT DELETE ON portal_portallogin, portal_portalsession, portal_portalcode, portal_portalcalllist TO saldo_app;
GRANT UPDATE, DELETE ON portal_nodebtcertificate TO saldo_app;
DROP TRIGGER append_only ON portal_nodebtcertificate;
