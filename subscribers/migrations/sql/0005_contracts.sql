-- Two promotions of a kind never hold for one subscription on one day. An agreement for a whole account has no
-- subscription: its range of subscriptions is all of them, so it meets those of each.
ALTER TABLE subscribers_promotionagreement ADD CONSTRAINT subscribers_promotionagreement_one_of_a_kind
    EXCLUDE USING gist (
        account_id WITH =, kind WITH =, int8range(subscription_id, subscription_id, '[]') WITH &&, during WITH &&
    );
ALTER TABLE subscribers_promotionagreement ADD CONSTRAINT subscribers_promotionagreement_kind_of_promotion
    FOREIGN KEY (promotion_id, kind) REFERENCES tariffs_promotion (id, kind);

SELECT audit_follow('subscribers_promotionagreement');
SELECT audit_follow('subscribers_contract');
REVOKE DELETE ON subscribers_promotionagreement, subscribers_contract FROM saldo_app;

-- reverse --
GRANT DELETE ON subscribers_promotionagreement, subscribers_contract TO saldo_app;
DROP TRIGGER follow ON subscribers_contract;
DROP TRIGGER follow ON subscribers_promotionagreement;
ALTER TABLE subscribers_promotionagreement DROP CONSTRAINT subscribers_promotionagreement_kind_of_promotion;
ALTER TABLE subscribers_promotionagreement DROP CONSTRAINT subscribers_promotionagreement_one_of_a_kind;
