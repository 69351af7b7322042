-- Purpose: a network for the bench of reports: departments and centres, accounts and lines, a month of bills and payments in
--     the books, a year of summaries as dense as they become, traffic, records of staff, acts.
-- Parameters: accounts, centres, days (of the months before in the summaries), secret (the network's key, sealed).
-- Invariant: the same numbers give the same network; run by the owner of a scratch database, with row history switched off.
INSERT INTO identity_department (id, code, names) SELECT n, 'D' || n, jsonb_build_object('en', 'Department ' || n) FROM generate_series(1, 10) AS n;
INSERT INTO identity_servicecentre (id, code, department_id, names, address)
SELECT n, 'C' || n, 1 + n %% 10, jsonb_build_object('en', 'Centre ' || n), '' FROM generate_series(1, %(centres)s) AS n;
INSERT INTO identity_user (id, username, full_name, role, language, is_active, password) VALUES
    (1, 'bench.reader', 'Reader', 'ACCOUNTANT', 'en', true, '!');
INSERT INTO subscribers_billcycle (id, code, names, bill_day, months, open_from) VALUES (1, 'MONTH', '{}', 1, 1, '2026-02-01');
INSERT INTO ledger_account (id, code, kind, currency) VALUES
    (1, 'REVENUE:FIXED:CALLS', 'REVENUE', 'AMD'), (2, 'TAX:STANDARD', 'TAX', 'AMD'), (3, 'CLEARING:TERMINAL:bench', 'CLEARING', 'AMD'),
    (4, 'REVENUE:MOBILE:CALLS', 'REVENUE', 'AMD'), (5, 'REVENUE:INTERNET:FEE', 'REVENUE', 'AMD');
INSERT INTO ledger_account (id, code, kind, currency)
SELECT 100 + n, 'SUB:' || lpad(n::text, 9, '0'), 'SUBSCRIBER', 'AMD' FROM generate_series(1, %(accounts)s) AS n;
INSERT INTO payments_terminalnetwork
    (id, code, name, dialect, partner_id, addresses, secret, next_secret, clearing_account_id, minimum_minor, maximum_minor, register_due_minute, register_map, is_active)
VALUES (1, 'bench', 'Bench', 'OSMP', '', '{}', %(secret)s, '', 3, 1, 1000000, 600, '{}', true);
INSERT INTO subscribers_subscriber (id, kind, name, search_key, language, email)
SELECT n, 'PERSON', 'Subscriber ' || n, '', 'en', '' FROM generate_series(1, %(accounts)s) AS n;
INSERT INTO subscribers_account (
    id, number, subscriber_id, centre_id, cycle_id, category, state, currency, ledger_account_id, address, opened_on
)
SELECT n, lpad(n::text, 9, '0'), n, 1 + n %% %(centres)s, 1, (ARRAY['HOME', 'HOME', 'HOME', 'BUSINESS', 'STATE'])[1 + n %% 5], 'ACTIVE', 'AMD',
    100 + n, '', '2025-01-01'::date + (n %% 400)::int
FROM generate_series(1, %(accounts)s) AS n;
INSERT INTO subscribers_subscription (account_id, kind, state, address, active_from, active_until, end_reason)
SELECT 1 + n %% %(accounts)s, (ARRAY['FIXED', 'MOBILE', 'INTERNET'])[1 + n %% 3], CASE WHEN n %% 10 = 0 THEN 'TERMINATED' ELSE 'ACTIVE' END, '',
    '2025-01-01'::date + (n %% 397)::int, CASE WHEN n %% 10 = 0 THEN '2026-02-01'::date + (n %% 33)::int END,
    CASE WHEN n %% 10 = 0 THEN (ARRAY['WISH', 'DEBT', 'MOVED'])[1 + n %% 3] ELSE '' END
FROM generate_series(1, %(accounts)s * 13 / 10) AS n;
-- The month in the books: a bill of two postings and a payment for each account.
INSERT INTO ledger_entry (source_type, source_id, posted_on, actor, reason)
SELECT 'INVOICE', 'INV-' || n, '2026-02-01', 'bench', '' FROM generate_series(1, %(accounts)s) AS n;
INSERT INTO ledger_posting (entry_id, n, debit_id, credit_id, currency, amount_minor)
SELECT e.id, p.n, 100 + substr(e.source_id, 5)::bigint, p.credit_id, 'AMD', p.amount_minor
FROM ledger_entry e CROSS JOIN (VALUES (1, 1, 5000), (2, 2, 1000)) AS p (n, credit_id, amount_minor) WHERE e.source_type = 'INVOICE';
INSERT INTO payments_payment (
    channel, key, request_hash, network_id, network_txn_id, account_id, account_number, amount_currency, amount, amount_minor,
    state, suspense_reason, received_at, posted_on, answer
)
SELECT 'TERMINAL', 'bench:' || n, md5(n::text), 1, n::text, n, lpad(n::text, 9, '0'), 'AMD', 5500, 5500, 'POSTED', '',
    '2026-02-01'::timestamptz + (n %% 40320) * interval '1 minute', '2026-02-01'::date + (n %% 28)::int, '{}'
FROM generate_series(1, %(accounts)s) AS n;
INSERT INTO ledger_entry (source_type, source_id, posted_on, actor, reason)
SELECT 'PAYMENT', id::text, posted_on, 'bench', '' FROM payments_payment;
INSERT INTO ledger_posting (entry_id, n, debit_id, credit_id, currency, amount_minor)
SELECT e.id, 1, 3, 100 + p.account_id, 'AMD', p.amount_minor
FROM payments_payment p JOIN ledger_entry e ON e.source_type = 'PAYMENT' AND e.source_id = p.id::text;
-- The months before, as dense as they become: every centre, kind of document and hour has a row each day.
INSERT INTO payments_booksday (day, centre_id, ledger_account_id, document, is_reversal, currency, entry_count, debit_minor, credit_minor)
SELECT d.day, c, 0, k.document, k.is_reversal, 'AMD', 40, k.debit_minor, k.credit_minor
FROM generate_series('2026-01-31'::date - %(days)s, '2026-01-31'::date, '1 day') AS d (day), generate_series(1, %(centres)s) AS c,
     (VALUES ('INVOICE', false, 900, 0), ('CREDIT_NOTE', false, 0, 50), ('PAYMENT', false, 0, 800), ('PAYMENT', true, 10, 0),
             ('WRITE_OFF', false, 0, 20), ('RECOVERY', false, 5, 0)) AS k (document, is_reversal, debit_minor, credit_minor);
INSERT INTO payments_booksday (day, centre_id, ledger_account_id, document, is_reversal, currency, entry_count, debit_minor, credit_minor)
SELECT d.day, 0, a.id, 'INVOICE', false, 'AMD', 40, 0, 900
FROM generate_series('2026-01-31'::date - %(days)s, '2026-01-31'::date, '1 day') AS d (day), ledger_account a WHERE a.id < 100;
INSERT INTO payments_booksmonth (month, centre_id, ledger_account_id, document, is_reversal, currency, entry_count, debit_minor, credit_minor)
SELECT date_trunc('month', day::timestamp)::date, centre_id, ledger_account_id, document, is_reversal, currency, sum(entry_count), sum(debit_minor),
       sum(credit_minor)
FROM payments_booksday GROUP BY 1, 2, 3, 4, 5, 6;
-- A night's ages of debts for every day of the year before.
INSERT INTO payments_debtnight (day, state, entry_id, counted_at, piece_count, done_pieces)
SELECT d.day, 'RUNNING', 0, d.day + interval '3 hours', 1, 1 FROM generate_series('2026-02-28'::date - %(days)s, '2026-02-28'::date, '1 day') AS d (day);
INSERT INTO payments_debtage (night_id, centre_id, currency, account_count, not_due_minor, to_30_minor, to_60_minor, to_90_minor, older_minor, books_minor)
SELECT n.id, c, 'AMD', 40, 900, 300, 200, 100, 50, 1550 FROM payments_debtnight n, generate_series(1, %(centres)s) AS c;
UPDATE payments_debtnight SET state = 'DONE';
INSERT INTO payments_receiptday
    (day, hour, centre_id, channel, network_id, currency, payment_count, amount_minor, reversal_count, reversed_minor)
SELECT d.day, h, c, k.channel, k.network_id, 'AMD', 5, 25000, 0, 0
FROM generate_series('2026-01-01'::date, '2026-01-31'::date, '1 day') AS d (day), generate_series(0, 23) AS h,
     generate_series(1, %(centres)s) AS c, (VALUES ('TERMINAL', 1), ('TILL', 0), ('BANK', 0)) AS k (channel, network_id);
INSERT INTO rating_trafficday (day, hour, source_id, trunk_in, trunk_out, category, service, usage_category_id, record_count,
    duration_seconds, volume_bytes, amount_micro)
SELECT d.day, h, s, '', 'T' || t, g.category, 0, u, 100, 6000, 0, 5000000
FROM generate_series('2026-02-01'::date, '2026-02-28'::date, '1 day') AS d (day), generate_series(0, 23) AS h, generate_series(1, 30) AS s,
     generate_series(1, 4) AS t, (VALUES ('HOME'), ('BUSINESS'), ('STATE')) AS g (category), generate_series(1, 3) AS u;
-- A tenth of the lines were suspended once in the year before, half of these still are.
INSERT INTO subscribers_subscriptionsuspension (subscription_id, during, reason)
SELECT s.id, daterange('2025-03-01'::date + (s.id %% 360)::int, CASE WHEN s.id %% 20 = 0 THEN '2025-03-01'::date + (s.id %% 360)::int + 20 END), ''
FROM subscribers_subscription s WHERE s.id %% 10 = 0;
-- Acts of a month, one of a hundred out of the ordinary.
INSERT INTO audit_auditentry (at, actor_id, actor_name, action, subject_type, subject_id, changes)
SELECT '2026-02-01'::timestamptz + n * interval '8 seconds', 1, 'Reader',
    CASE WHEN n %% 100 = 0 THEN 'payments.reverse_payment' ELSE 'payments.receive_payment' END, 'payments.payment', n::text, '{}'
FROM generate_series(1, 300000) AS n;
-- Two thousand business numbers, each with a hundred calls.
INSERT INTO subscribers_staffline (subscription_id, employee, personnel_number, allowance_seconds, during)
SELECT s.id, 'Employee ' || s.id, s.id::text, 6000, '[2026-01-01,)' FROM subscribers_subscription AS s ORDER BY s.id LIMIT 2000;
SELECT rating_make_partition(day::date) FROM generate_series('2026-01-31'::date, '2026-03-01'::date, '1 day') AS day;
INSERT INTO rating_ratedusage (subscription_id, start_at, duplicate_key, revision, account_id, file_id, line_number, calling, called,
    duration_seconds, zone_id, bill_item_id, plan_version_id, charged_units, allowance_units, unit_price_micro, amount_micro, bill_period, is_late)
SELECT h.subscription_id, '2026-02-01 06:00+00'::timestamptz + n * interval '6 hours', n, 0, 1, 1, n, '1', '2', 50 + h.id %% 21, 1, 1, 1, 60, 0,
    1000000, 5000000, '2026-02-01', false
FROM subscribers_staffline h, generate_series(1, 100) AS n;
