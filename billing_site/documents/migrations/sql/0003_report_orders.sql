-- Who ordered what is history; it is cancelled, not taken away.
SELECT audit_follow('documents_reportorder');
REVOKE DELETE ON documents_reportorder, documents_reportmail FROM saldo_app;

-- reverse --
GRANT DELETE ON documents_reportorder, documents_reportmail TO saldo_app;
DROP TRIGGER follow ON documents_reportorder;
