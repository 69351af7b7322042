-- Purpose: a network whose calls are rated: subscriptions with numbers, 5,000 prefixes into 500 zones, ten plans, three windows, allowances.
-- Parameters: subscriptions (how many), columns (the source's column map).
-- Invariant: the same numbers give the same network; run by the owner of a scratch database, with row history switched off.
INSERT INTO identity_department (id, code, names) VALUES (1, 'D10', '{}');
INSERT INTO identity_servicecentre (id, code, department_id, names, address) VALUES (1, 'C10', 1, '{}', '');
INSERT INTO subscribers_billcycle (id, code, names, bill_day, open_from) VALUES
    (1, 'MONTH', '{}', 1, '2026-03-01'), (2, 'TENTH', '{}', 10, '2026-02-10');

INSERT INTO tariffs_taxcategory (id, code, names) VALUES (1, 'STANDARD', '{}');
INSERT INTO tariffs_billitem (id, code, kind, names, tax_category_id, position) VALUES
    (1, 'LOCAL', 'FIXED', '{}', 1, 1), (2, 'MOBILE', 'FIXED', '{}', 1, 2), (3, 'INTERNATIONAL', 'FIXED', '{}', 1, 3);
INSERT INTO tariffs_usagecategory (id, code, names) VALUES
    (1, 'LOCAL', '{}'), (2, 'MOBILE', '{}'), (3, 'INTERNATIONAL', '{}');
INSERT INTO tariffs_usagecategoryitem (category_id, bill_item_id, during) VALUES (1, 1, '(,)'), (2, 2, '(,)'), (3, 3, '(,)');
INSERT INTO tariffs_zone (id, code, names, usage_category_id)
SELECT n, 'Z' || n, '{}', CASE WHEN n <= 20 THEN 1 WHEN n <= 40 THEN 2 ELSE 3 END FROM generate_series(1, 500) AS n;
-- Home numbers by three digits after the country code, foreign ones by a whole country and longer pieces of it.
INSERT INTO tariffs_zoneprefix (prefix, zone_id, during)
SELECT '999' || n, 1 + n %% 40, '[2020-01-01,)' FROM generate_series(100, 999) AS n;
INSERT INTO tariffs_zoneprefix (prefix, zone_id, during)
SELECT n::text, 41 + n %% 60, '[2020-01-01,)' FROM generate_series(20, 98) AS n;
INSERT INTO tariffs_zoneprefix (prefix, zone_id, during)
SELECT (2000 + n * 2)::text, 101 + n %% 400, '[2020-01-01,)' FROM generate_series(0, 2999) AS n;
INSERT INTO tariffs_zoneprefix (prefix, zone_id, during)
SELECT (200000 + n * 700)::text, 101 + (n * 7) %% 400, '[2020-01-01,)' FROM generate_series(0, 1020) AS n;

INSERT INTO tariffs_windowscheme (id, code, names) VALUES (1, 'THREE', '{}');
INSERT INTO tariffs_window (id, scheme_id, code, names, weekdays, opens_at_minute) VALUES
    (1, 1, 'PEAK', '{}', '{1,2,3,4,5}', 480), (2, 1, 'EVENING', '{}', '{1,2,3,4,5,6,7}', 1080), (3, 1, 'WEEKEND', '{}', '{6,7}', 0);
INSERT INTO tariffs_plan (id, code, kind, names) SELECT n, 'P' || n, 'FIXED', '{}' FROM generate_series(1, 10) AS n;
INSERT INTO tariffs_planversion (id, plan_id, number, during, state, currency, window_scheme_id, rounding_mode, rounding_places,
    favourite_count, revision, rejection_reason)
SELECT n, n, 1, '[2025-01-01,)', 'PUBLISHED', 'AMD', 1, 'HALF_UP', 2, 0, 0, '' FROM generate_series(1, 10) AS n;
-- Forty home zones and every fifth foreign one have a rate for each window, the others one rate for all.
INSERT INTO tariffs_rate (id, plan_version_id, code, zone_id, window_id, connect_fee, minimum_charge, surcharge_amount, cap_policy)
SELECT row_number() OVER (ORDER BY v, z, w), v, 'R' || z || '-' || coalesce(w::text, ''), z, w, CASE WHEN v %% 3 = 0 THEN 1.5 ELSE 0 END, 0, 0, 'CAP'
FROM generate_series(1, 10) AS v
CROSS JOIN generate_series(1, 500) AS z
CROSS JOIN (VALUES (1), (2), (3), (NULL)) AS windows (w)
WHERE (w IS NULL) <> (z <= 40 OR z %% 5 = 0);
-- Four increments; in one plan the calls to every hundredth zone have two steps.
INSERT INTO tariffs_ratestep (rate_id, from_units, price, per_units, increment_units)
SELECT id, 0, 5 + (id %% 97) * 0.25, 60, (ARRAY[1, 6, 30, 60])[1 + plan_version_id %% 4] FROM tariffs_rate;
INSERT INTO tariffs_ratestep (rate_id, from_units, price, per_units, increment_units)
SELECT id, 120, 3, 60, 60 FROM tariffs_rate WHERE plan_version_id = 7 AND zone_id %% 100 = 7;
INSERT INTO tariffs_allowance (id, plan_version_id, code, names, unit, quantity, priority, shared_by_account)
SELECT n, n, 'FREE', '{}', 'SECONDS', 1200, 1, false FROM generate_series(1, 5) AS n;
INSERT INTO tariffs_allowance_zones (allowance_id, zone_id) SELECT a, z FROM generate_series(1, 5) a CROSS JOIN generate_series(1, 40) z;

INSERT INTO subscribers_subscriber (id, kind, name, search_key, language, email) VALUES (1, 'PERSON', 'Subscriber', '', 'en', '');
INSERT INTO ledger_account (id, code, kind, currency)
SELECT n, 'SUB:' || lpad(n::text, 9, '0'), 'SUBSCRIBER', 'AMD' FROM generate_series(1, %(subscriptions)s * 4 / 5) AS n;
INSERT INTO subscribers_account (id, number, subscriber_id, centre_id, cycle_id, category, state, currency, ledger_account_id, address, opened_on)
SELECT n, lpad(n::text, 9, '0'), 1, 1, 1 + n %% 2, 'HOME', 'ACTIVE', 'AMD', n, '', '2025-01-01'
FROM generate_series(1, %(subscriptions)s * 4 / 5) AS n;
INSERT INTO subscribers_subscription (id, account_id, kind, state, address, active_from)
SELECT n, 1 + (n - 1) %% (%(subscriptions)s * 4 / 5), 'FIXED', 'ACTIVE', '', '2025-03-01' FROM generate_series(1, %(subscriptions)s) AS n;
INSERT INTO subscribers_subscriptionplan (subscription_id, plan_id, during)
SELECT n, 1 + n %% 10, '[2025-03-01,)' FROM generate_series(1, %(subscriptions)s) AS n;
-- Every twentieth number changes hands in the middle of the day that is rated.
INSERT INTO subscribers_numberassignment (number, subscription_id, during)
SELECT '999' || (20000000 + n), n, CASE WHEN n %% 20 = 0 THEN '[2025-03-01,2026-03-05 08:00+00)' ELSE '[2025-03-01,)' END::tstzrange
FROM generate_series(1, %(subscriptions)s) AS n;
INSERT INTO subscribers_numberassignment (number, subscription_id, during)
SELECT '999' || (20000000 + n), 1 + (n + 6) %% %(subscriptions)s, '[2026-03-05 08:00+00,)'
FROM generate_series(20, %(subscriptions)s, 20) AS n;
INSERT INTO rating_usagesource (id, code, name, dialect, column_map, encoding, time_zone, day_tolerance, breaker_percent, is_active)
VALUES (1, 'BENCH', 'Bench', 'MAPPED_CSV', %(columns)s, 'utf-8', 'Asia/Yerevan', 1, 50, true);
