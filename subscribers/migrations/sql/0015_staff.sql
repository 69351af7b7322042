-- Who holds which number is history: it ends, it is not taken away, unless it would have begun later.
SELECT audit_follow('subscribers_staffline');

-- reverse --
DROP TRIGGER follow ON subscribers_staffline;
