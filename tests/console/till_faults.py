"""Faults in tills: see ``test_planted_faults``."""

_TILL = (
    "INSERT INTO payments_till (id, code, name, centre_id, paper_mm, fiscal_device, fiscal_settings, large_minor,"
    " is_active) SELECT 4711, 'X1', 'X', min(id), 80, 'NONE', '{{}}', 1, true FROM identity_servicecentre;"
    "INSERT INTO payments_tillsession (id, till_id, clerk_id, state, opened_at, opened_on, float_minor, denominations,"
    " forced_reason, has_difference, difference_reason) VALUES (4711, 4711, {accountant_id}, 'OPEN', now(),"
    " '2026-03-05', 0, '{{}}', '', false, '');"
)
_RECEIPT = (
    "INSERT INTO payments_tillreceipt (id, till_id, session_id, kind, serial, number, form_key, request_hash,"
    " account_id, clerk_id, taken_at, currency, amount_minor, received_minor, change_minor, note, reason, facts)"
    " VALUES (4711, 4711, 4711, 'PAYMENT', 1, 'X1-1', gen_random_uuid(), '', {account_id}, {accountant_id}, now(),"
    " 'AMD', 5, 5, 0, '', '', '{{}}');"
)
_PART = (
    "INSERT INTO payments_receiptpart (id, receipt_id, n, method, amount_minor, payment_id, reference, bank)"
    " VALUES (4711, 4711, 1, 'CASH', 5, {payment_id}, '', '');"
)
_PAID, _NUMBERS = "payments.till_receipts_are_paid", "payments.till_numbers_have_no_gaps"
FAULTS = {
    "receipt_without_money_and_number": (_TILL + _RECEIPT, {_PAID: "receipt X1-1", _NUMBERS: "till X1"}),
    "receipt_of_money_from_a_terminal": (
        _TILL + _RECEIPT + _PART,
        {
            _PAID: "receipt X1-1/1",
            _NUMBERS: "till X1",
            "payments.till_cash_is_in_the_books": "till X1",
        },
    ),
    "payment_at_a_till_without_a_receipt": (
        "UPDATE payments_payment SET channel = 'TILL' WHERE id = {payment_id}",
        {_PAID: "payment {payment_id}"},
    ),
    "count_that_the_receipts_do_not_give": (
        _TILL + "INSERT INTO payments_tillcount (id, session_id, method, expected_minor, counted_minor)"
        " VALUES (4711, 4711, 'CASH', 5, 5)",
        {"payments.till_sessions_add_up": "session 4711"},
    ),
    "deposit_at_a_till_that_the_books_do_not_have": (
        _TILL + "INSERT INTO payments_tillmove (id, session_id, method, amount_minor, entry_id)"
        " VALUES (4711, 4711, 'CASH', 5, 4711)",
        {"payments.till_cash_is_in_the_books": "till X1"},
    ),
    "Z_report_missing_of_a_series": (
        _TILL
        + "INSERT INTO documents_numberseries (code, prefix, digits, last_number) VALUES ('TILLZ:X1', 'X1-Z', 6, 1)",
        {_NUMBERS: "till X1"},
    ),
}
