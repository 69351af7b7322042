-- Purpose: a network to bill, in one go: accounts, subscriptions, features, discounts, mandates, allowances and totals of usage
-- of January 2026.
-- Parameters: accounts, subscriptions (how many).
-- Invariant: the same numbers give the same network; run by the owner of a scratch database, with row history switched off.
-- Every statement ends at the end of a line.
INSERT INTO identity_department (id, code, names) VALUES (1, 'D10', '{}');
INSERT INTO identity_servicecentre (id, code, department_id, names, address) VALUES (1, 'C10', 1, '{}', '');
INSERT INTO identity_user (id, username, full_name, role, language, is_active, password) VALUES
    (1, 'bench.starter', 'Starter', 'BILLING_SPECIALIST', 'en', true, '!'),
    (2, 'bench.poster', 'Poster', 'TARIFF_APPROVER', 'en', true, '!');
INSERT INTO subscribers_billcycle (id, code, names, bill_day, open_from) VALUES (1, 'MONTH', '{}', 1, '2026-01-01');

INSERT INTO tariffs_taxcategory (id, code, names) VALUES
    (1, 'STANDARD', '{"en": "Standard"}'), (2, 'REDUCED', '{"en": "Reduced"}'), (3, 'EXEMPT', '{"en": "Exempt"}');
INSERT INTO tariffs_taxrate (category_id, during, percent) VALUES
    (1, '[2020-01-01,)', 20), (2, '[2020-01-01,)', 10), (3, '[2020-01-01,)', 0);
INSERT INTO tariffs_billitem (id, code, kind, names, tax_category_id, position) VALUES
    (1, 'FEE-FIXED', 'FIXED', '{"en": "Line rental"}', 1, 10), (2, 'FEE-MOBILE', 'MOBILE', '{"en": "Mobile fee"}', 1, 20),
    (3, 'FEE-INTERNET', 'INTERNET', '{"en": "Internet fee"}', 2, 30), (4, 'FEATURES', 'OTHER', '{"en": "Extras"}', 1, 40),
    (5, 'LOCAL', 'FIXED', '{"en": "Local calls"}', 1, 50), (6, 'NATIONAL', 'FIXED', '{"en": "National calls"}', 1, 60),
    (7, 'INTERNATIONAL', 'FIXED', '{"en": "International calls"}', 1, 70), (8, 'HELPLINES', 'OTHER', '{"en": "Helplines"}', 3, 80);
INSERT INTO tariffs_windowscheme (id, code, names) VALUES (1, 'ALWAYS', '{}');
INSERT INTO tariffs_plan (id, code, kind, names)
SELECT n, 'P' || n, (ARRAY['FIXED', 'MOBILE', 'INTERNET'])[1 + n %% 3], jsonb_build_object('en', 'Plan ' || n)
FROM generate_series(1, 12) AS n;
INSERT INTO tariffs_planversion (
    id, plan_id, number, during, state, currency, window_scheme_id, rounding_mode, rounding_places,
    favourite_count, revision, rejection_reason
)
SELECT n, n, 1, '[2025-01-01,)', 'PUBLISHED', 'AMD', 1, 'HALF_UP', 2, 0, 0, '' FROM generate_series(1, 12) AS n;
INSERT INTO tariffs_price (plan_version_id, kind, bill_item_id, names, amount, proration)
SELECT n, 'RECURRING', 1 + n %% 3, '{}', 1500 + 137.5 * n, 'CALENDAR_DAYS' FROM generate_series(1, 12) AS n;
-- What a third of the plans gives every month.
INSERT INTO tariffs_allowance (id, plan_version_id, code, names, unit, quantity, priority, shared_by_account)
SELECT n, n, 'MINUTES', '{"en": "Minutes included"}', 'SECONDS', 6000, 1, false FROM generate_series(1, 12, 3) AS n;
INSERT INTO tariffs_feature (id, code, names, bill_item_id, proration) VALUES (1, 'CLIP', '{"en": "Caller number"}', 4, 'CALENDAR_DAYS');
INSERT INTO tariffs_featureprice (feature_id, during, amount) VALUES (1, '[2025-01-01,)', 250);
INSERT INTO tariffs_discount (id, code, names, percent, position) VALUES (1, 'LOYAL', '{"en": "Loyalty"}', 7.5, 1);
INSERT INTO tariffs_discount_bill_items (discount_id, billitem_id) SELECT 1, n FROM generate_series(1, 3) AS n;

INSERT INTO subscribers_subscriber (id, kind, name, search_key, language, email)
SELECT n, 'PERSON', 'Subscriber ' || n || ' of the network', '', (ARRAY['en', 'hy', 'ru', 'zh-hans', 'ar'])[1 + n %% 5], ''
FROM generate_series(1, %(accounts)s) AS n;
INSERT INTO ledger_account (id, code, kind, currency)
SELECT n, 'SUB:' || lpad(n::text, 9, '0'), 'SUBSCRIBER', 'AMD' FROM generate_series(1, %(accounts)s) AS n;
INSERT INTO subscribers_account (
    id, number, subscriber_id, centre_id, cycle_id, category, state, currency, ledger_account_id, address, opened_on
)
SELECT n, lpad(n::text, 9, '0'), n, 1, 1, 'HOME', 'ACTIVE', 'AMD', n, 'Street ' || n %% 977 || ', house ' || n %% 61, '2025-01-01'
FROM generate_series(1, %(accounts)s) AS n;
INSERT INTO subscribers_subscription (id, account_id, kind, state, address, active_from, active_until)
SELECT n, 1 + (n - 1) %% %(accounts)s, (ARRAY['FIXED', 'MOBILE', 'INTERNET'])[1 + n %% 3], 'ACTIVE', '',
    CASE WHEN n %% 20 = 0 THEN DATE '2026-01-11' ELSE DATE '2025-03-01' END, NULL
FROM generate_series(1, %(subscriptions)s) AS n;
INSERT INTO subscribers_subscriptionplan (subscription_id, plan_id, during)
SELECT n, 1 + n %% 12, daterange(CASE WHEN n %% 20 = 0 THEN DATE '2026-01-11' ELSE DATE '2025-03-01' END, NULL)
FROM generate_series(1, %(subscriptions)s) AS n;
INSERT INTO subscribers_subscriptionfeature (subscription_id, feature_id, during)
SELECT n, 1, '[2025-06-01,)' FROM generate_series(2, %(subscriptions)s, 2) AS n;
INSERT INTO subscribers_numberassignment (number, subscription_id, during)
SELECT '999' || (10000000 + n), n, '[2025-03-01,)' FROM generate_series(1, %(subscriptions)s) AS n;
INSERT INTO subscribers_accountdiscount (account_id, discount_id, during)
SELECT n, 1, '[2025-01-01,)' FROM generate_series(5, %(accounts)s, 5) AS n;
-- One account in ten is paid by direct debit.
INSERT INTO ledger_account (id, code, kind, currency) VALUES (%(accounts)s + 1, 'CLEARING:BANK', 'CLEARING', 'AMD');
INSERT INTO payments_debitcreditor (
    id, code, name, creditor_id, iban, bic, currency, file_version, clearing_account_id, retry_days, retry_reasons,
    lead_days, answer_days, result_map, is_active
)
VALUES (1, 'BANK', 'Operator', 'AM00ZZZ1', 'AM001', '', 'AMD', 'pain.008.001.08', %(accounts)s + 1, '[]', '[]', 1, 10, '{}', true);
INSERT INTO payments_debitmandate (
    account_id, creditor_id, reference, holder_name, iban_last_four, bic, signed_on, sequence, state, revoked_reason, recorded_at
)
SELECT n, 1, 'M' || n, 'Holder ' || n, lpad((n %% 10000)::text, 4, '0'), '', '2025-06-01', 'RCUR', 'ACTIVE', '', '2025-06-01'
FROM generate_series(10, %(accounts)s, 10) AS n;
-- What rating has counted of the minutes included.
INSERT INTO rating_allowancebucket (holder_kind, holder_id, allowance_id, period_start, used_units, used_events)
SELECT 'S', n, 1 + n %% 12, '2026-01-01', 600 + n %% 5400, 0
FROM generate_series(1, %(subscriptions)s) AS n WHERE n %% 3 = 0;
-- About twenty records a subscription, in three or four totals.
INSERT INTO rating_usagetotal (
    subscription_id, bill_period, bill_item_id, account_id, record_count, duration_seconds, charged_units,
    allowance_units, amount_micro
)
SELECT s.n, DATE '2026-01-01', i.item, 1 + (s.n - 1) %% %(accounts)s, 7, 613 + s.n %% 997, 660 + s.n %% 997, s.n %% 61,
    (s.n::bigint * 7919 + i.item * 104729) %% 900000000
FROM generate_series(1, %(subscriptions)s) AS s (n)
CROSS JOIN (VALUES (5), (6), (7), (8)) AS i (item)
WHERE i.item < 8 OR s.n %% 10 = 0;
SELECT setval(pg_get_serial_sequence('ledger_account', 'id'), %(accounts)s + 1);
