-- A network's day for the register bench: payments in suspense, so that no account stands in the way.
-- Parameters: payments, day, map, secret (the network's key, sealed).
-- Invariant: every payment has a key and an amount of its own.
INSERT INTO ledger_account (code, kind, currency) VALUES ('CLEARING:TERMINAL:bench', 'CLEARING', 'AMD');
INSERT INTO payments_terminalnetwork
    (code, name, dialect, partner_id, addresses, secret, next_secret, clearing_account_id, minimum_minor, maximum_minor, register_due_minute, register_map, is_active)
SELECT 'bench', 'Bench', 'OSMP', '', '{}', %(secret)s, '', id, 1, 1000000, 600, %(map)s, true FROM ledger_account WHERE code = 'CLEARING:TERMINAL:bench';
INSERT INTO payments_payment (
    channel, key, request_hash, network_id, network_txn_id, account_number, amount_currency, amount, amount_minor,
    state, suspense_reason, received_at, posted_on, answer
)
SELECT 'TERMINAL', 'bench:' || n, md5(n::text), t.id, n::text, lpad(n::text, 9, '0'), 'AMD', 100 + n %% 9000, 100 + n %% 9000,
       'SUSPENSE', 'ACCOUNT_CLOSED', %(day)s::date + interval '5 hours' + n * interval '40 milliseconds', %(day)s, '{}'
FROM payments_terminalnetwork t, generate_series(1, %(payments)s) AS n;
