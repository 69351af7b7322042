"""Faults in payments taken back and in suspense: see ``test_planted_faults``."""

_REVERSAL = (
    "INSERT INTO payments_paymentreversal (id, payment_id, kind, reason, charge_minor, reversed_at, posted_on)"
    " VALUES (4711, {payment_id}, 'RETURNED', 'No cover', 0, now(), '2026-03-05');"
)
_UNUSED = "payments.reversed_payments_are_unused"
_IN_THE_BOOKS = "payments.reversals_are_in_the_books"
FAULTS = {
    "payment_taken_back_that_pays_its_bill": (_REVERSAL, {_UNUSED: "payment {payment_id}"}),
    "payment_taken_back_that_stays_in_the_books": (_REVERSAL, {_IN_THE_BOOKS: "payment {payment_id}"}),
    "payment_taken_back_twice_in_the_books": (
        "ALTER TABLE ledger_entry DROP CONSTRAINT IF EXISTS ledger_entry_reversed_once;"
        "DROP INDEX IF EXISTS ledger_entry_reversed_once;"
        + _REVERSAL
        + "INSERT INTO ledger_entry (source_type, source_id, posted_on, actor, reason, reverses_id)"
        " SELECT 'REVERSAL', id || '/' || n, '2026-03-05', 'x', '', id FROM ledger_entry, generate_series(1, 2) n"
        " WHERE source_type = 'PAYMENT' AND source_id = '{payment_id}'",
        {_IN_THE_BOOKS: "payment {payment_id}"},
    ),
    "payment_that_stands_turned_round_in_the_books": (
        (
            "INSERT INTO ledger_entry (source_type, source_id, posted_on, actor, reason, reverses_id)"
            " SELECT 'REVERSAL', id::text, '2026-03-05', 'x', '', id FROM ledger_entry"
            " WHERE source_type = 'PAYMENT' AND source_id = '{payment_id}'"
        ),
        {_IN_THE_BOOKS: "payment {payment_id}"},
    ),
    "charge_of_a_return_that_was_never_posted": (
        _REVERSAL + "UPDATE payments_paymentreversal SET charge_minor = 5",
        {_IN_THE_BOOKS: "payment {payment_id}"},
    ),
    "part_taken_back_of_a_payment_that_stands": (
        (
            "INSERT INTO payments_allocation (payment_id, invoice_id, amount_minor)"
            " SELECT payment_id, invoice_id, -2 * amount_minor FROM payments_allocation WHERE payment_id = {payment_id}"
        ),
        {_UNUSED: "payment {payment_id}", "payments.allocations_fit": "payment {payment_id}"},
    ),
    "money_in_suspense_that_the_books_do_not_have": (
        (
            "UPDATE payments_payment SET state = 'SUSPENSE', account_id = NULL, suspense_reason = 'ACCOUNT_CLOSED'"
            " WHERE id = {payment_id}"
        ),
        {"payments.suspense_is_accounted_for": "suspense SUSPENSE:AMD"},
    ),
    "money_given_out_of_a_payment_that_was_never_in_suspense": (
        (
            "INSERT INTO payments_payment (channel, key, request_hash, network_txn_id, account_id, account_number,"
            " amount, amount_currency, amount_minor, state, suspense_reason, origin_id, received_at, posted_on, answer)"
            " SELECT 'SUSPENSE', id || '/1', '', '', account_id, account_number, amount, amount_currency, amount_minor,"
            " 'POSTED', '', id, received_at, posted_on, answer FROM payments_payment WHERE id = {payment_id}"
        ),
        {"payments.suspense_is_accounted_for": "payment {payment_id}"},
    ),
}
