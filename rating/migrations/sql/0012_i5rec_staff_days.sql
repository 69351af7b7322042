-- Summaries are added to, in place; a line that is followed once is followed for good.
ALTER TABLE rating_stafflineday SET (fillfactor = 80);
REVOKE DELETE ON rating_stafflineday FROM saldo_app;
REVOKE ALL ON rating_followedstaffline FROM saldo_app;
GRANT SELECT, INSERT ON rating_followedstaffline TO saldo_app;

-- reverse --
