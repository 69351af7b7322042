-- Ranges of numbers do not overlap: a number belongs to one range.
ALTER TABLE subscribers_numberrange ADD CONSTRAINT subscribers_numberrange_apart
    EXCLUDE USING gist (int8range(first::bigint, last::bigint, '[]') WITH &&);

SELECT audit_follow('subscribers_subscriber');
SELECT audit_follow('subscribers_account');
SELECT audit_follow('subscribers_accountdiscount');
SELECT audit_follow('subscribers_subscription');
SELECT audit_follow('subscribers_subscriptionplan');
SELECT audit_follow('subscribers_subscriptionfeature');
SELECT audit_follow('subscribers_numberrange');
SELECT audit_follow('subscribers_numberassignment');
SELECT audit_follow('subscribers_billcycle');

-- reverse --
DROP TRIGGER follow ON subscribers_billcycle;
DROP TRIGGER follow ON subscribers_numberassignment;
DROP TRIGGER follow ON subscribers_numberrange;
DROP TRIGGER follow ON subscribers_subscriptionfeature;
DROP TRIGGER follow ON subscribers_subscriptionplan;
DROP TRIGGER follow ON subscribers_subscription;
DROP TRIGGER follow ON subscribers_accountdiscount;
DROP TRIGGER follow ON subscribers_account;
DROP TRIGGER follow ON subscribers_subscriber;
ALTER TABLE subscribers_numberrange DROP CONSTRAINT subscribers_numberrange_apart;
