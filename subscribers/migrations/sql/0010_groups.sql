SELECT audit_follow('subscribers_customergroup');
SELECT audit_follow('subscribers_customergroupmember');
SELECT audit_follow('subscribers_customergroupdiscount');
REVOKE DELETE ON subscribers_customergroupmember, subscribers_customergroupdiscount FROM saldo_app;

-- reverse --
GRANT DELETE ON subscribers_customergroupmember, subscribers_customergroupdiscount TO saldo_app;
DROP TRIGGER follow ON subscribers_customergroupdiscount;
DROP TRIGGER follow ON subscribers_customergroupmember;
DROP TRIGGER follow ON subscribers_customergroup;
