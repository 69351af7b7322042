"""Faults in direct debits and online payments: see ``test_planted_faults``."""

_ORDER = (
    "INSERT INTO payments_debitcreditor (id, code, name, creditor_id, iban, bic, currency, file_version,"
    " clearing_account_id, retry_days, retry_reasons, lead_days, answer_days, result_map, is_active)"
    " VALUES (4711, 'X', 'X', 'X', 'X', '', 'AMD', 'X', {ledger_account_id}, '[]', '[]', 1, 1, '{{}}', true);"
    "INSERT INTO payments_debitmandate (id, account_id, creditor_id, reference, holder_name, iban_last_four, bic,"
    " signed_on, sequence, state, revoked_reason, recorded_at)"
    " VALUES (4711, {account_id}, 4711, 'M', 'X', '0000', '', '2026-01-01', 'RCUR', 'ACTIVE', '', now());"
    "INSERT INTO payments_debitbatch (id, creditor_id, number, due_by, collect_on, currency, state, item_count,"
    " amount_minor, frozen, file_sha256, proposed_by_id, proposed_at, decided_by_id, decided_at)"
    " SELECT 4711, 4711, 'DD-4711', '2026-03-05', '2026-03-05', 'AMD', 'RELEASED', 1, 5, '{{}}', 'x',"
    " {accountant_id}, now(), min(id), now() FROM identity_user WHERE id <> {accountant_id};"
)
_ITEM = (
    "INSERT INTO payments_debititem (id, batch_id, n, account_id, mandate_id, amount_minor, sequence, holder_name,"
    " attempt, state, payment_id, reason_code, reason_text, answered_at)"
    " VALUES (4711, 4711, 1, {account_id}, 4711, 5, 'RCUR', 'X', 1, 'PAID', {payment_id}, '', '', now());"
)
_ONLINE = (
    "INSERT INTO payments_onlineprovider (id, code, name, adapter, secret, next_secret, clearing_account_id,"
    " minimum_minor, maximum_minor, lifetime_minutes, is_active)"
    " VALUES (4711, 'x', 'X', 'X', 'sealed:x:x', '', {ledger_account_id}, 1, 9, 1, true);"
    "INSERT INTO payments_onlinepayment (id, reference, provider_id, account_id, amount_minor, currency, door, state,"
    " reason, provider_reference, payment_id, started_at, expires_at, ended_at)"
    " VALUES (4711, 'r', 4711, {account_id}, 5, 'AMD', 'LINK', 'PAID', '', '', {payment_id}, now(), now(), now());"
)
FAULTS = {
    "debit_paid_by_a_payment_of_another_name": (_ORDER + _ITEM, {"payments.debits_are_booked": "order DD-4711/1"}),
    "debit_batch_that_does_not_add_up": (_ORDER, {"payments.debits_are_booked": "batch DD-4711"}),
    "payment_by_debit_that_nobody_ordered": (
        "UPDATE payments_payment SET channel = 'DEBIT' WHERE id = {payment_id}",
        {"payments.debits_are_booked": "payment {payment_id}"},
    ),
    "online_payment_without_its_money": (
        _ONLINE,
        {"payments.online_payments_are_booked": "online payment 4711"},
    ),
    "online_payment_that_nobody_began": (
        "UPDATE payments_payment SET channel = 'ONLINE' WHERE id = {payment_id}",
        {"payments.online_payments_are_booked": "payment {payment_id}"},
    ),
}
