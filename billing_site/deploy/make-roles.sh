#!/bin/sh
# Run once by the database's container when its volume is empty: the two roles, their limits, the database, the passwords.
set -eu

psql --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set database=saldo --file /roles.sql
psql --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set owner_password="$SALDO_OWNER_PASSWORD" --set app_password="$SALDO_APP_PASSWORD" <<'SQL'
ALTER ROLE saldo_owner PASSWORD :'owner_password';
ALTER ROLE saldo_app PASSWORD :'app_password';
SQL
