"""Faults about how bills go out and about accounting periods, planted into the small book."""

FAULTS = {
    "bill_that_goes_out_and_is_not_there": (
        (
            "INSERT INTO invoicing_billdelivery (invoice_id, account_id, run_id, channel, state, address, language)"
            " VALUES (987654321, 1, 1, 'PRINT', 'WAITING', '', 'en')"
        ),
        {"invoicing.bills_go_out": "delivery "},
    ),
    "bill_of_a_delivered_run_that_goes_nowhere": (
        (
            "INSERT INTO invoicing_billdelivery (invoice_id, account_id, run_id, channel, state, address, language)"
            " SELECT id, account_id, run_id, 'PRINT', 'RESENT', '', 'en' FROM invoicing_invoice"
            " WHERE id = {invoice_id};"
            "UPDATE invoicing_billrun SET state = 'DELIVERED'"
            " WHERE id = (SELECT run_id FROM invoicing_invoice WHERE id = {invoice_id})"
        ),
        {"invoicing.bills_go_out": "invoice {invoice_id}"},
    ),
    "print_batch_that_holds_fewer_bills_than_it_says": (
        (
            "INSERT INTO invoicing_printbatch (run_id, n, state, bill_count, first_post_code, last_post_code,"
            " page_count, sheet_count, handed_over_to) SELECT run_id, 4711, 'PLANNED', 3, '', '', 0, 0, ''"
            " FROM invoicing_invoice WHERE id = {invoice_id}"
        ),
        {"invoicing.print_batches_hold_their_bills": "batch "},
    ),
    "period_closed_and_the_books_are_not": (
        (
            "INSERT INTO ledger_accountingperiod (code, first_on, until_on, state, closed_at, closed_by_id)"
            " VALUES ('2031-01', '2031-01-01', '2031-02-01', 'CLOSED', now(), {accountant_id})"
        ),
        {"ledger.periods_match_the_lock": "period 2031-01"},
    ),
    "period_opened_again_by_one_person": (
        (
            "ALTER TABLE ledger_periodreopening DROP CONSTRAINT ledger_periodreopening_second_person;"
            "INSERT INTO ledger_accountingperiod (id, code, first_on, until_on, state)"
            " VALUES (4711, '2031-02', '2031-02-01', '2031-03-01', 'OPEN');"
            "INSERT INTO ledger_periodreopening (period_id, reason, state, asked_by_id, approved_by_id, approved_at)"
            " VALUES (4711, 'so', 'APPROVED', {accountant_id}, {accountant_id}, now())"
        ),
        {"ledger.periods_match_the_lock": "period 2031-02"},
    ),
}
