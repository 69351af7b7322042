"""Faults in refunds, deposits and instalment plans: see ``test_planted_faults``."""

_REFUND = (
    "INSERT INTO payments_refund (id, account_id, amount_minor, currency, way, payee, bank_account, reason,"
    " provider_reference, state, requested_by_id, requested_at, decided_by_id, decided_at, paid_by_id, paid_at,"
    " posted_on, clearing_account_id)"
    " SELECT 4711, {account_id}, 5, 'AMD', 'CASH', 'Ani', '', 'Left', '', 'PAID', {accountant_id}, now(), min(id),"
    " now(), min(id), now(), '2026-03-05', {ledger_account_id} FROM identity_user WHERE id <> {accountant_id};"
)
_PLAN = (
    "INSERT INTO payments_instalmentplan (id, account_id, amount_minor, agreed_with, state, agreed_at)"
    " VALUES (4711, {account_id}, 10, 'Ani', 'OPEN', now());"
    "INSERT INTO payments_instalmentbill (plan_id, invoice_id, amount_minor) VALUES (4711, {invoice_id}, 10);"
    "INSERT INTO payments_instalment (plan_id, n, due_on, amount_minor) VALUES (4711, 1, '2026-04-01', 10);"
)
_REFUNDS, _DEPOSITS, _PLANS = (
    f"payments.{name}" for name in ("refunds_are_in_the_books", "deposits_are_in_the_books", "plans_add_up")
)
FAULTS = {
    "refund_that_was_never_posted": (_REFUND, {_REFUNDS: "refund 4711"}),
    "refund_decided_by_who_asked": (
        "ALTER TABLE payments_refund DROP CONSTRAINT payments_refund_second_person;"
        + _REFUND
        + "UPDATE payments_refund SET decided_by_id = requested_by_id, amount_minor = 6",
        {_REFUNDS: "refund 4711"},
    ),
    "more_of_a_payment_given_back_than_was_paid": (
        _REFUND + "INSERT INTO payments_refundpart (refund_id, payment_id, amount_minor)"
        " VALUES (4711, {payment_id}, 100000)",
        {_REFUNDS: "refund 4711", "payments.allocations_fit": "payment {payment_id}"},
    ),
    "deposit_that_was_never_posted": (
        (
            "INSERT INTO payments_deposit (id, account_id, key, amount_minor, currency, reason, clearing_account_id,"
            " taken_at, posted_on) VALUES (4711, {account_id}, 'X', 5, 'AMD', 'Telephone', {ledger_account_id}, now(),"
            " '2026-03-05')"
        ),
        {_DEPOSITS: "deposit 4711"},
    ),
    "plan_whose_parts_are_not_its_bills": (
        _PLAN + "UPDATE payments_instalment SET amount_minor = 9",
        {_PLANS: "plan 4711"},
    ),
    "plan_of_a_bill_of_another_account": (
        _PLAN + "UPDATE payments_instalmentplan SET account_id = {other_account_id}",
        {_PLANS: "plan 4711"},
    ),
}
