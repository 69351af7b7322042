"""Faults in billing against accounting and in revenue transfers: see ``test_planted_faults``."""

_CLASS = (
    "INSERT INTO reconciliation_accountingclass (id, code, title, measure, section)"
    " VALUES (4711, '221.1', 'Owed', 'RECEIVABLE', 'FIXED');"
)
_FILE = (
    _CLASS + "INSERT INTO reconciliation_accountingmap (id, code, names, plan) VALUES (4711, 'X', '{{}}', '{{}}');"
    "INSERT INTO documents_storedfile (id, sha256, size_bytes, content_type, stored_at)"
    " VALUES (4711, 'books', 1, 'text/csv', now());"
    "INSERT INTO reconciliation_accountingfile (id, name, layout_id, content_id, first_on, last_on, line_count)"
    " VALUES (4711, 'ledger.csv', 4711, 4711, '2026-02-01', '2026-02-28', 1);"
    "INSERT INTO reconciliation_accountingtotal (id, file_id, accounting_class_id, has_accounts, line_count,"
    " opening_minor, debit_minor, credit_minor, closing_minor) VALUES (4711, 4711, 4711, true, 1, 0, 7, 2, 5);"
)
_LINE = (
    "INSERT INTO reconciliation_accountingline (file_id, line_number, accounting_class_id, account_number, name,"
    " opening_minor, debit_minor, credit_minor, closing_minor) VALUES (4711, 2, 4711, '1', '', 0, 7, 2, 5);"
)
_FIGURE = (
    _FILE + _LINE + "INSERT INTO reconciliation_bookcomparison (id, first_on, last_on, currency, compared_at)"
    " VALUES (4711, '2026-02-01', '2026-02-28', 'AMD', now());"
    "INSERT INTO reconciliation_bookfigure (id, comparison_id, accounting_class_id, total_id, our_count, our_minor,"
    " their_count, their_minor, matched_count, matched_minor, missing_there_minor, missing_here_minor,"
    " amount_our_minor, amount_their_minor, advance_our_minor, advance_their_minor, moved_our_minor,"
    " moved_their_minor) VALUES (4711, 4711, 4711, 4711, 1, 9, 1, 5, 0, 0, 0, 0, 9, 5, 0, 0, 0, 0);"
)
_TRANSFER = (
    "INSERT INTO ledger_accountingperiod (id, code, first_on, until_on, state)"
    " VALUES (4711, '2020-01', '2020-01-01', '2020-02-01', 'OPEN');"
    "INSERT INTO reconciliation_revenuetransfer (id, period_id, section, n, state, currency, after_entry_id,"
    " through_entry_id, bill_count, debit_minor, credit_minor, net_minor, tax_minor, gross_minor, prepared_by_id,"
    " prepared_at) VALUES (4711, 4711, 'FIXED', 1, 'PREPARED', 'AMD', 0, 9, 1, 5, 5, 5, 0, 5, {accountant_id}, now());"
)
_PAIR = (
    "INSERT INTO reconciliation_revenuetransferline (transfer_id, n, role, kind, item, debit_code, credit_code,"
    " amount_minor) VALUES (4711, 1, 'REVENUE', 'FIXED', 'RENT', '221.1', '611.1', 5);"
)
FAULTS = {
    "accounting_line_dropped": (_FILE, {"reconciliation.accounting_files_add_up": "file 4711"}),
    "difference_that_no_case_explains": (_FIGURE, {"reconciliation.differences_explain_figures": "comparison 4711"}),
    "revenue_pair_dropped": (_TRANSFER, {"reconciliation.transfers_follow_the_books": "transfer 4711"}),
    "entries_left_out_between_two_transfers": (
        _TRANSFER + _PAIR + "UPDATE reconciliation_revenuetransfer SET after_entry_id = 3",
        {"reconciliation.transfers_follow_the_books": "transfer 4711"},
    ),
}
