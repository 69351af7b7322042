-- What corrections charge stands apart from what the usage line of the same bill period charges. Days of which totals
-- may hold both are totalled anew by the next night.
ALTER TABLE rating_premiumtotal ADD COLUMN is_correction boolean NOT NULL DEFAULT false;
ALTER TABLE rating_premiumtotal DROP CONSTRAINT rating_premiumtotal_pkey;
ALTER TABLE rating_premiumtotal ADD CONSTRAINT rating_premiumtotal_pkey
    PRIMARY KEY (day, station_id, account_id, subscription_id, bill_period, bill_item_id, is_correction);
UPDATE rating_premiumday p SET totalled_at = to_timestamp(0)
    WHERE EXISTS (SELECT FROM rating_premiumtotal t WHERE t.day = p.day AND t.bill_period > t.day);

-- reverse --
DELETE FROM rating_premiumday p
    WHERE EXISTS (SELECT FROM rating_premiumtotal t WHERE t.day = p.day AND t.is_correction);
DELETE FROM rating_premiumtotal WHERE is_correction;
ALTER TABLE rating_premiumtotal DROP CONSTRAINT rating_premiumtotal_pkey;
ALTER TABLE rating_premiumtotal ADD CONSTRAINT rating_premiumtotal_pkey
    PRIMARY KEY (day, station_id, account_id, subscription_id, bill_period, bill_item_id);
ALTER TABLE rating_premiumtotal DROP COLUMN is_correction;
