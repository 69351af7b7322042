SELECT audit_follow('subscribers_favouritenumber');
SELECT audit_follow('subscribers_usergroup');
SELECT audit_follow('subscribers_usergroupmember');

-- reverse --
DROP TRIGGER follow ON subscribers_usergroupmember;
DROP TRIGGER follow ON subscribers_usergroup;
DROP TRIGGER follow ON subscribers_favouritenumber;
