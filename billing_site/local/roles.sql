-- The roles of the local cluster and of production: who owns tables and migrates, and who works.
-- Run by the superuser at each start; changes nothing that is already so. psql: :database is the database's name.
-- Time limits are defaults of a role: bulk work raises its own with SET LOCAL.

SELECT format('CREATE ROLE %I', name)
  FROM (VALUES ('saldo_owner'), ('saldo_app')) AS wanted (name)
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec

ALTER ROLE saldo_owner LOGIN CREATEDB NOSUPERUSER NOCREATEROLE NOBYPASSRLS;
ALTER ROLE saldo_owner SET lock_timeout = '10s';

ALTER ROLE saldo_app LOGIN NOCREATEDB NOSUPERUSER NOCREATEROLE NOBYPASSRLS;
ALTER ROLE saldo_app SET lock_timeout = '3s';
ALTER ROLE saldo_app SET statement_timeout = '120s';
ALTER ROLE saldo_app SET idle_in_transaction_session_timeout = '120s';

SELECT format('CREATE DATABASE %I OWNER saldo_owner', :'database')
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec

\connect :"database"

REVOKE CREATE ON SCHEMA public FROM PUBLIC, saldo_app;
