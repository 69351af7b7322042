"""Faults in bank statements and in the money that came with them: see ``test_planted_faults``."""

_STATEMENT = (
    "INSERT INTO reconciliation_bankaccount (id, code, name, bank_name, number, currency, format, encoding, column_map,"
    " charge_rule, clearing_account_id, is_active) VALUES (4711, 'X', 'X', 'X', 'X', 'AMD', 'MT940', 'utf-8', '{{}}',"
    " 'NET', {ledger_account_id}, true);"
    "INSERT INTO reconciliation_statementfile (id, bank_account_id, name, content_id, statement_count, line_count,"
    " loaded_at) SELECT 4711, 4711, 'x', min(id), 1, 1, now() FROM documents_storedfile;"
    "INSERT INTO reconciliation_statement (id, file_id, n, bank_account_id, state, reference, account_shown,"
    " credit_minor, debit_minor, line_count, is_repeat, held_for, decision)"
    " VALUES (4711, 4711, 1, 4711, 'BOOKED', '', '', 1000, 0, 1, false, '[]', '');"
    "INSERT INTO reconciliation_statementline (id, statement_id, n, line_number, kind, amount_minor, charge_minor,"
    " booked_on, bank_reference, end_to_end, code, return_reason, payer_name, payer_shown, payer_key, text, twin_key,"
    " twin, state, \"group\", proposals, note, is_parked, payment_id) VALUES (4711, 4711, 1, 1, 'RECEIPT', 1000, 0,"
    " '2026-03-04', '', '', '', '', '', '', '', '', 'k', 1, 'MATCHED', '', '[]', '', false, {payment_id});"
)
FAULTS = {
    "statement_that_counts_other_lines": (
        _STATEMENT + "UPDATE reconciliation_statement SET line_count = 2",
        {"reconciliation.statements_add_up": "statement 4711"},
    ),
    "statement_ended_with_a_line_that_waits": (
        _STATEMENT + "UPDATE reconciliation_statementline SET state = 'WAITING'",
        {"reconciliation.statement_lines_have_ended": "line 4711"},
    ),
    "receipt_booked_as_a_payment_at_a_terminal": (
        _STATEMENT,
        {"reconciliation.statement_lines_are_money": "line 4711"},
    ),
    "match_of_another_amount": (
        _STATEMENT + "INSERT INTO reconciliation_match (id, line_id, account_id, payment_id, amount_minor, score,"
        " reasons, matched_at) VALUES (4711, 4711, {account_id}, {payment_id}, 999, 0, '[]', now())",
        {"reconciliation.statement_lines_are_money": "match 4711"},
    ),
    "charge_of_the_bank_that_nobody_posted": (
        _STATEMENT + "UPDATE reconciliation_statementline SET amount_minor = (SELECT amount_minor - 7"
        " FROM payments_payment WHERE id = {payment_id}), charge_minor = 7",
        {"reconciliation.bank_charges_are_in_the_books": "line 4711"},
    ),
    "charge_of_a_bank_for_no_line": (
        "UPDATE ledger_entry SET source_type = 'BANK_CHARGE' WHERE id = {entry_id}",
        {"reconciliation.bank_charges_are_in_the_books": "entry {entry_id}"},
    ),
    "debit_taken_back_for_no_line": (
        "UPDATE ledger_entry SET source_type = 'DEBIT_RETURN' WHERE id = {entry_id}",
        {"reconciliation.bank_charges_are_in_the_books": "entry {entry_id}"},
    ),
}
