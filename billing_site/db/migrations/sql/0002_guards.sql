-- What was migrated is the owner's record: the application reads it.
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM saldo_app;

-- reverse --
GRANT INSERT, UPDATE, DELETE ON django_migrations TO saldo_app;
