-- Give the application's role the rights on every ordinary table made from now on.
-- Run by `migrate` before anything else, as the owner. Tables that must not change (ledger, invoices,
-- payments, audit) take rights away again in their own migrations: a revoke stands after this grant.
-- Invariant: saldo_app owns nothing and may create nothing.
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO saldo_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO saldo_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO saldo_app;
