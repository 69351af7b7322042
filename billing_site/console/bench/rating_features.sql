-- Purpose: what else may price a call, in shares that a network has: closed groups, favourites, categories of customers, steps, caps,
-- minimum charges, surcharges, free zones, holidays and moved working days, shared allowances, carried ones, those of money and with an end,
-- all models of tiers and packages, limits and fraud rules, key accounts, trunks. Promotions and discounts come with the bill, not here.
-- Parameters: subscriptions (how many). Run after the network, by the owner of a scratch database, with row history switched off.
-- Invariant: the same numbers give the same network.
UPDATE rating_usagesource SET column_map = jsonb_set(column_map, '{columns,trunk_in}', '7');
-- One home zone in forty is free by law, one has a minimum and a cap in half of the plans.
UPDATE tariffs_zone SET is_free = true WHERE id = 20;
UPDATE tariffs_rate SET minimum_charge = 2, maximum_charge = 900 WHERE zone_id = 39 AND plan_version_id %% 2 = 0;
-- The first night is a public holiday, and a Saturday of the month is worked instead.
INSERT INTO tariffs_specialday (day, counts_as_weekday, names, origin) VALUES ('2026-03-05', 7, '{}', 'HAND'), ('2026-03-14', 1, '{}', 'HAND');
-- Two plans charge long calls to five zones a sum once; one plan has money that pays for calls to mobiles, another seconds with an end.
UPDATE tariffs_rate SET surcharge_after_units = 300, surcharge_amount = 10 WHERE zone_id BETWEEN 34 AND 38 AND plan_version_id IN (1, 9);
INSERT INTO tariffs_allowance (id, plan_version_id, code, names, unit, quantity, priority, shared_by_account, valid_from, valid_until)
VALUES (9, 9, 'MONEY', '{}', 'MONEY', 300000000, 1, false, NULL, NULL), (10, 10, 'SPRING', '{}', 'SECONDS', 600, 1, false, '2026-03-01', '2026-06-01');
INSERT INTO tariffs_allowance_zones (allowance_id, zone_id) SELECT a, z FROM generate_series(9, 10) a CROSS JOIN generate_series(21, 40) z;
-- Calls inside a closed group and to favourites have their own price in every plan.
INSERT INTO tariffs_zone (id, code, names, usage_category_id, relation) VALUES (501, 'GROUP', '{}', 1, 'GROUP'), (502, 'FAVOURITE', '{}', 1, 'FAVOURITE');
-- One line in a hundred has a plan with all that only the order of calls can tell: carried seconds, and tiers over the period.
INSERT INTO tariffs_plan (id, code, kind, names) VALUES (11, 'P11', 'FIXED', '{}');
INSERT INTO tariffs_planversion (id, plan_id, number, during, state, currency, window_scheme_id, rounding_mode, rounding_places,
    favourite_count, revision, rejection_reason)
VALUES (11, 11, 1, '[2025-01-01,)', 'PUBLISHED', 'AMD', 1, 'HALF_UP', 2, 3, 0, '');
INSERT INTO tariffs_rate (id, plan_version_id, code, zone_id, connect_fee, minimum_charge, surcharge_amount, cap_policy, model, scope)
SELECT 200000 + z, 11, 'R' || z, z, 0, 0, 0, 'CAP',
    CASE WHEN z BETWEEN 21 AND 30 THEN 'GRADUATED' WHEN z BETWEEN 31 AND 34 THEN 'VOLUME' WHEN z BETWEEN 35 AND 38 THEN 'TIERS'
        WHEN z BETWEEN 39 AND 40 THEN 'PACKAGE' ELSE 'STANDARD' END,
    CASE WHEN z BETWEEN 21 AND 34 THEN 'PERIOD' ELSE 'EVENT' END
FROM generate_series(1, 500) AS z;
INSERT INTO tariffs_ratestep (rate_id, from_units, price, per_units, increment_units)
SELECT id, 0, 6, 60, 1 FROM tariffs_rate WHERE plan_version_id = 11;
INSERT INTO tariffs_ratestep (rate_id, from_units, price, per_units, increment_units)
SELECT id, 600, 4, 60, 1 FROM tariffs_rate WHERE plan_version_id = 11 AND model IN ('GRADUATED', 'VOLUME', 'TIERS');
UPDATE tariffs_ratestep SET up_to_units = 600
WHERE from_units = 0 AND rate_id IN (SELECT id FROM tariffs_rate WHERE model IN ('GRADUATED', 'VOLUME', 'TIERS'));
INSERT INTO tariffs_allowance (id, plan_version_id, code, names, unit, quantity, priority, shared_by_account, rolls_over)
VALUES (11, 11, 'CARRIED', '{}', 'SECONDS', 1200, 1, false, true);
INSERT INTO tariffs_allowance_zones (allowance_id, zone_id) SELECT 11, z FROM generate_series(1, 20) AS z;
UPDATE subscribers_subscriptionplan SET plan_id = 11 WHERE subscription_id %% 100 = 50;
INSERT INTO tariffs_rate (id, plan_version_id, code, zone_id, connect_fee, minimum_charge, surcharge_amount, cap_policy)
SELECT 210000 + v * 2 + z, v, 'S' || z, z, 0, 0, 0, 'CAP' FROM generate_series(1, 11) AS v CROSS JOIN generate_series(501, 502) AS z;
-- Customers of a category, one account in twenty, have rates of their own in three plans.
INSERT INTO tariffs_rate (id, plan_version_id, code, zone_id, window_id, connect_fee, minimum_charge, surcharge_amount, cap_policy, category)
SELECT id + 300000, plan_version_id, code || 'B', zone_id, window_id, 0, 0, 0, 'CAP', 'BUSINESS'
FROM tariffs_rate WHERE plan_version_id IN (4, 6, 8) AND zone_id <= 40;
INSERT INTO tariffs_ratestep (rate_id, from_units, price, per_units, increment_units)
SELECT id, 0, 3, 60, 1 FROM tariffs_rate WHERE id > 210000;
UPDATE subscribers_account SET category = 'BUSINESS', is_key = id %% 2000 = 0 WHERE id %% 20 = 0;
INSERT INTO subscribers_pastcategory (account_id, category, during)
SELECT id, 'HOME', '[,2026-03-03)' FROM subscribers_account WHERE id %% 400 = 0;
-- Allowances of two plans are shared by the account's lines.
UPDATE tariffs_allowance SET shared_by_account = true WHERE id <= 2;
-- One block of ten lines in twenty is a closed group; one line in ten has two favourites in its block.
INSERT INTO subscribers_usergroup (id, code, names)
SELECT n, 'G' || n, '{}' FROM generate_series(20, (%(subscriptions)s - 10) / 10, 20) AS n;
INSERT INTO subscribers_usergroupmember (group_id, subscription_id, during)
SELECT g.id, g.id * 10 + n, '[2025-03-01,)' FROM subscribers_usergroup AS g CROSS JOIN generate_series(0, 9) AS n;
INSERT INTO subscribers_favouritenumber (subscription_id, number, during)
SELECT n, '999' || (20000000 + n + d), '[2025-03-01,)' FROM generate_series(3, %(subscriptions)s - 10, 10) AS n CROSS JOIN generate_series(1, 2) AS d;
-- One account in ten has a limit, and the network three rules against fraud.
INSERT INTO rating_usagelimit (account_id, category, kind, amount_micro, during, reason)
SELECT id, '', 'SUBSCRIBER', 50000000000, '[2025-03-01,)', '' FROM subscribers_account WHERE id %% 10 = 0;
INSERT INTO rating_fraudrule (code, names, kind, threshold, account_category, line_kind, effect, is_active, usage_category_id)
VALUES ('SUM', '{}', 'SUM_PER_HOUR', 100000000000, '', '', 'NOTICE', true, NULL),
    ('ZONE', '{}', 'CALLS_TO_ZONE', 100, '', '', 'NOTICE', true, 3), ('SAME', '{}', 'SIMULTANEOUS', 20, '', '', 'NOTICE', true, NULL);
