-- Purpose: the network of terminals that pays in the bench, with its clearing account and no limit that would be met.
-- Parameters: secret (its key, sealed).
-- Invariant: run by the owner of a scratch database that holds the network to bill.
WITH book AS (
    INSERT INTO ledger_account (code, kind, currency) VALUES ('CLEARING:TERMINAL:bench', 'CLEARING', 'AMD') RETURNING id
)
INSERT INTO payments_terminalnetwork (
    code, name, dialect, partner_id, secret, next_secret, addresses, clearing_account_id, minimum_minor, maximum_minor,
    daily_limit_minor, register_due_minute, register_map, is_active
)
SELECT 'bench', 'Bench', 'OSMP', '', %(secret)s, '', '{127.0.0.0/8}', id, 1, 50000000, 1000000000000, 600, '{}', true FROM book
