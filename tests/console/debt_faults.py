"""Faults in dunning and in debts given up: see ``test_planted_faults``."""

_LADDER = (
    "INSERT INTO payments_dunningpolicy (id, code, names, category, currency, state, during, minimum_minor,"
    " restore_below_minor, grace_days, excludes_key, promises_a_year, promise_days, takes_tax_back,"
    " reconnection_fee_minor)"
    " VALUES (4711, 'X', '{{}}', '', 'AMD', 'DRAFT', '[2026-01-01,)', 1, 1, 0, true, 2, 14, false, 0);"
    "INSERT INTO payments_dunningstep (id, policy_id, n, after_days, minimum_minor, action, channel, text,"
    " late_fee_minor) VALUES (4711, 4711, 1, 5, 0, 'REMINDER', 'CALL', 'FIRM', 0);"
    "INSERT INTO payments_dunningrun (id, day, state, account_count, piece_count, done_pieces)"
    " VALUES (4711, '2026-03-05', 'DONE', 1, 1, 1);"
)
_CASE = (
    "INSERT INTO payments_dunningcase (id, account_id, invoice_id, opened_at, ending)"
    " VALUES (4711, {account_id}, {invoice_id}, now(), '');"
)
_WRITE_OFF = (
    "INSERT INTO payments_writeoff (id, reason, note, selection, as_of, currency, state, proposed_by_id, proposed_at,"
    " decided_by_id, decided_at, posted_on) SELECT 4711, 'EXPIRED', '', '{{}}', '2026-03-05', 'AMD', 'APPROVED',"
    " {accountant_id}, now(), min(id), now(), '2026-03-05' FROM identity_user WHERE id <> {accountant_id};"
    "INSERT INTO payments_writeoffitem (id, write_off_id, account_id, invoice_id, due_on, proposed_minor,"
    " written_minor, tax_minor) VALUES (4711, 4711, {account_id}, {invoice_id}, '2026-03-01', 100000, 100000, 0);"
)
FAULTS = {
    "reminder_of_who_owed_nothing": (
        _LADDER + _CASE + "INSERT INTO payments_dunningact (id, run_id, case_id, account_id, step_id, n, overdue_minor,"
        " held_back_minor, oldest_due_on, line_count, last_entry_id, taken_at)"
        " VALUES (4711, 4711, 4711, {account_id}, 4711, 1, 1, 0, '2026-03-01', 0, 0, now())",
        {"payments.dunning_follows_debt": "step 4711"},
    ),
    "case_of_a_bill_of_another_account": (
        _CASE.replace("{account_id}", "{other_account_id}"),
        {"payments.dunning_follows_debt": "case 4711"},
    ),
    "more_written_off_than_was_owed": (
        _WRITE_OFF,
        {
            "payments.bad_debts_fit": "invoice {invoice_id}",
            "payments.bad_debts_are_in_the_books": "write-off 4711",
        },
    ),
    "recovery_that_was_never_posted": (
        _WRITE_OFF + "INSERT INTO payments_baddebtrecovery (id, item_id, payment_id, amount_minor, tax_minor,"
        " recovered_on) VALUES (4711, 4711, {payment_id}, 5, 0, '2026-03-05')",
        {"payments.bad_debts_are_in_the_books": "recovery 4711"},
    ),
    "write_off_decided_by_who_proposed_it": (
        "ALTER TABLE payments_writeoff DROP CONSTRAINT payments_writeoff_second_person;"
        + _WRITE_OFF
        + "UPDATE payments_writeoff SET decided_by_id = proposed_by_id",
        {"payments.bad_debts_fit": "write-off 4711"},
    ),
}
