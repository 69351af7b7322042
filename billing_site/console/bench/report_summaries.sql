-- Purpose: the summaries of a network of a given size, beside the smaller one that the bench of reports has made: a month in the
--     books as dense as the ones before, ten years of lines that began and ended, thirteen months of traffic by service, twenty
--     thousand business numbers, a month's debts given up. Facts are not made: no report of a month reads them.
-- Parameters: subscriptions, centres.
-- Invariant: the same numbers give the same summaries; run by the owner of a scratch database, with row history switched off.
INSERT INTO payments_booksday (day, centre_id, ledger_account_id, document, is_reversal, currency, entry_count, debit_minor, credit_minor)
SELECT d.day, c, 0, k.document, k.is_reversal, 'AMD', 40, k.debit_minor, k.credit_minor
FROM generate_series('2026-02-01'::date, '2026-02-28'::date, '1 day') AS d (day), generate_series(1, %(centres)s) AS c,
     (VALUES ('INVOICE', false, 900, 0), ('CREDIT_NOTE', false, 0, 50), ('PAYMENT', false, 0, 800), ('PAYMENT', true, 10, 0),
             ('WRITE_OFF', false, 0, 20), ('RECOVERY', false, 5, 0)) AS k (document, is_reversal, debit_minor, credit_minor);
INSERT INTO payments_booksmonth (month, centre_id, ledger_account_id, document, is_reversal, currency, entry_count, debit_minor, credit_minor)
SELECT '2026-02-01', centre_id, ledger_account_id, document, is_reversal, currency, sum(entry_count), sum(debit_minor), sum(credit_minor)
FROM payments_booksday WHERE day >= '2026-02-01' GROUP BY 2, 3, 4, 5, 6;
INSERT INTO payments_receiptday
    (day, hour, centre_id, channel, network_id, currency, payment_count, amount_minor, reversal_count, reversed_minor)
SELECT d.day, h, c, k.channel, k.network_id, 'AMD', 5, 25000, 0, 0
FROM generate_series('2026-02-01'::date, '2026-02-28'::date, '1 day') AS d (day), generate_series(0, 23) AS h,
     generate_series(1, %(centres)s) AS c, (VALUES ('TERMINAL', 1), ('TILL', 0), ('BANK', 0)) AS k (channel, network_id);
-- Lines of ten years, of which a fifth ended again; their accounts; one in twenty suspended once.
DELETE FROM subscribers_dailycount;
INSERT INTO subscribers_dailycount (day, centre_id, category, kind, reason, begun_count, ended_count, is_folded)
SELECT '2016-03-01'::date + (n * 7919 %% 3650)::int, 1 + n * 31 %% %(centres)s, (ARRAY['HOME', 'HOME', 'HOME', 'BUSINESS', 'STATE'])[1 + n %% 5],
    (ARRAY['FIXED', 'MOBILE', 'INTERNET'])[1 + n %% 3], '', count(*), 0, true
FROM generate_series(1, %(subscriptions)s::bigint) AS n GROUP BY 1, 2, 3, 4;
INSERT INTO subscribers_dailycount (day, centre_id, category, kind, reason, begun_count, ended_count, is_folded)
SELECT '2018-03-01'::date + (n * 7919 %% 2920)::int, 1 + n * 31 %% %(centres)s, (ARRAY['HOME', 'HOME', 'HOME', 'BUSINESS', 'STATE'])[1 + n %% 5],
    (ARRAY['FIXED', 'MOBILE', 'INTERNET'])[1 + n %% 3], (ARRAY['WISH', 'DEBT', 'MOVED'])[1 + n %% 3], 0, count(*), true
FROM generate_series(1, %(subscriptions)s::bigint / 5) AS n GROUP BY 1, 2, 3, 4, 5;
INSERT INTO subscribers_dailycount (day, centre_id, category, kind, reason, begun_count, ended_count, is_folded)
SELECT '2016-03-01'::date + (n * 7919 %% 3650)::int, 1 + n * 31 %% %(centres)s, (ARRAY['HOME', 'HOME', 'HOME', 'BUSINESS', 'STATE'])[1 + n %% 5],
    'ACCOUNT', '', count(*), 0, true
FROM generate_series(1, %(subscriptions)s::bigint * 10 / 13) AS n GROUP BY 1, 2, 3;
INSERT INTO subscribers_dailycount (day, centre_id, category, kind, reason, begun_count, ended_count, is_folded)
SELECT '2025-01-01'::date + (n * 7919 %% 420)::int, 1 + n * 31 %% %(centres)s, (ARRAY['HOME', 'HOME', 'HOME', 'BUSINESS', 'STATE'])[1 + n %% 5],
    'SUSPENDED', '', count(*), 0, true
FROM generate_series(1, %(subscriptions)s::bigint / 20) AS n GROUP BY 1, 2, 3;
INSERT INTO rating_trafficserviceday (day, service, record_count, duration_seconds, volume_bytes, amount_micro)
SELECT d.day, s, 1000000, 60000000, 0, 5000000000
FROM generate_series('2025-02-01'::date, '2026-02-28'::date, '1 day') AS d (day), generate_series(0, 3) AS s;
INSERT INTO subscribers_staffline (subscription_id, employee, personnel_number, allowance_seconds, during)
SELECT s.id, 'Employee ' || s.id, s.id::text, 6000, '[2026-01-01,)'
FROM subscribers_subscription AS s WHERE NOT EXISTS (SELECT FROM subscribers_staffline h WHERE h.subscription_id = s.id) ORDER BY s.id LIMIT 18000;
INSERT INTO rating_followedstaffline (subscription_id)
SELECT h.subscription_id FROM subscribers_staffline h
WHERE NOT EXISTS (SELECT FROM rating_ratedusage u WHERE u.subscription_id = h.subscription_id);
INSERT INTO rating_stafflineday (subscription_id, day, service, record_count, duration_seconds, volume_bytes, amount_micro)
SELECT f.subscription_id, d.day, 0, 4, 180 + f.subscription_id %% 70, 0, 20000000
FROM rating_followedstaffline f, generate_series('2026-01-01'::date, '2026-02-28'::date, '1 day') AS d (day);
