-- Days without service are followed as everything that prices a line.
SELECT audit_follow('subscribers_subscriptionsuspension');

-- reverse --
DROP TRIGGER follow ON subscribers_subscriptionsuspension;
