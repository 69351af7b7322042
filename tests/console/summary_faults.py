"""Faults in the daily summaries: see ``test_planted_faults``."""

_LINE = (
    "INSERT INTO subscribers_dailycount (day, centre_id, category, kind, reason, begun_count, ended_count)"
    " VALUES ('2026-03-05', 4711, 'HOME', 'FIXED', '', 1, 0)"
)
_BOOKS = (
    "INSERT INTO payments_booksday (day, centre_id, ledger_account_id, document, is_reversal, currency,"
    " entry_count, debit_minor, credit_minor) VALUES ('2026-03-05', 4711, 0, 'INVOICE', false, 'AMD', 1, 5, 0)"
)
_SUSPENDED = _LINE.replace("'FIXED'", "'SUSPENDED'")
_MONTH = (
    "INSERT INTO payments_booksmonth (month, centre_id, ledger_account_id, document, is_reversal, currency,"
    " entry_count, debit_minor, credit_minor) VALUES ('2026-02-01', 4711, 0, 'INVOICE', false, 'AMD', 1, 5, 0)"
)
_LINES_OF_MONTH = (
    "INSERT INTO subscribers_monthcount (month, centre_id, category, kind, opening_count, begun_count, ended_count)"
    " VALUES ('2026-02-01', 4711, 'HOME', 'FIXED', 1, 0, 0)"
)
_RECEIPTS = (
    "INSERT INTO payments_receiptday (day, hour, centre_id, channel, network_id, currency, payment_count,"
    " amount_minor, reversal_count, reversed_minor) VALUES ('2026-03-05', 9, 4711, 'TILL', 0, 'AMD', 1, 5, 0, 0)"
)
_NIGHT = (
    "INSERT INTO payments_debtnight (id, day, state, entry_id, counted_at, piece_count, done_pieces)"
    " VALUES (4711, '2026-03-05', 'RUNNING', 0, now(), 0, 0);"
    " INSERT INTO payments_debtage (night_id, centre_id, currency, {figures}) VALUES (4711, 4711, 'AMD', {minors});"
    " UPDATE payments_debtnight SET state = 'DONE' WHERE id = 4711"
)
SUMMARY_FAULTS = {
    "debt_older_than_the_books": (
        _NIGHT.format(figures="older_minor", minors="5"),
        {"payments.debt_ages_add_up": "night 2026-03-05"},
    ),
    "night_with_books_that_never_were": (
        _NIGHT.format(figures="older_minor, books_minor", minors="5, 5"),
        {"payments.debt_nights_are_the_books": "night 2026-03-05"},
    ),
    "line_counted_that_never_was": (_LINE, {"subscribers.daily_counts_are_the_lines": "day 2026-03-05"}),
    "suspension_counted_that_never_was": (_SUSPENDED, {"subscribers.daily_counts_are_the_lines": "day 2026-03-05"}),
    "month_begun_with_lines_that_never_were": (
        _LINES_OF_MONTH,
        {"subscribers.month_counts_are_the_days": "month 2026-02-01"},
    ),
    "service_used_more_than_its_exchanges_had": (
        (
            "INSERT INTO rating_trafficserviceday (day, service, record_count, duration_seconds, volume_bytes,"
            " amount_micro) VALUES ('2026-03-05', 7, 1, 60, 0, 5)"
        ),
        {"rating.service_days_equal_traffic": "service 7 2026-03-05"},
    ),
    "staff_talked_more_than_their_records": (
        (
            "INSERT INTO rating_stafflineday (subscription_id, day, service, record_count, duration_seconds,"
            " volume_bytes, amount_micro) VALUES ({subscription_id}, '2026-03-05', 0, 1, 60, 0, 5)"
        ),
        {"rating.staff_days_equal_records": "line {subscription_id} 2026-03-05"},
    ),
    "books_summed_up_twice": (
        _BOOKS,
        {
            "payments.books_days_are_the_entries": "day 2026-03-05",
            "payments.books_months_are_the_days": "month 2026-03-01",
        },
    ),
    "month_that_is_not_its_days": (_MONTH, {"payments.books_months_are_the_days": "month 2026-02-01"}),
    "payments_summed_up_twice": (_RECEIPTS, {"payments.receipt_days_are_the_payments": "day 2026-03-05"}),
}
