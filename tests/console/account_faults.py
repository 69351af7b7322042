"""Faults about payers, minimums, rounding and other providers, planted into the small book."""

LINE = (
    "INSERT INTO invoicing_invoiceline SELECT (jsonb_populate_record(l, jsonb_build_object('n', 3, 'kind', '{kind}',"
    " 'net_minor', {net}, 'tax_minor', 0, 'gross_minor', {net}, 'explanation', '{why}'::jsonb))).*"
    " FROM invoicing_invoiceline l WHERE l.invoice_id = {{invoice_id}} AND l.n = 1"
)
PAYER = (
    "INSERT INTO subscribers_accountpayer (account_id, payer_id, percent, during)"
    " SELECT {other_account_id}, account_id, 100, '[2026-02-01,)' FROM invoicing_invoice WHERE id = {invoice_id};"
)
FAULTS = {
    "taken_over_by_nobody": (
        LINE.format(kind="TAKEN_OVER", net=-1000, why='{{"payer": "1"}}'),
        {"invoicing.taken_over_is_taken_on": "subscription "},
    ),
    "brought_to_a_payer_and_billed_as_something_else": (
        (
            LINE.format(kind="TAKEN_OVER", net=0, why='{{"payer": "1"}}')
            + ";INSERT INTO invoicing_carriedcharge (payer_id, invoice_id, n, sign)"
            " SELECT account_id, id, 3, 1 FROM invoicing_invoice WHERE id = {invoice_id};"
            "INSERT INTO invoicing_carriedbilling (carried_id, invoice_id, n)"
            " SELECT id, invoice_id, 1 FROM invoicing_carriedcharge"
        ),
        {"invoicing.carried_is_billed_as_it_is": "line {invoice_id}/1"},
    ),
    "minimum_above_what_was_missing": (
        LINE.format(kind="COMMITMENT", net=1001, why='{{"due_minor": 2000, "counted_minor": 1000}}'),
        {"invoicing.minimums_are_reached": "line {invoice_id}/3"},
    ),
    "rounding_that_the_books_do_not_know": (
        LINE.format(kind="ROUNDING", net=3, why="{{}}"),
        {"invoicing.rounding_has_its_account": "invoice "},
    ),
    "charge_of_a_provider_kept_as_revenue": (
        (
            "UPDATE invoicing_billrun SET reference = jsonb_build_object('bill_items', jsonb_build_object("
            "'{bill_item_id}', jsonb_build_object('code', 'FILMS', 'provider', 1))) WHERE id = {run_id}"
        ),
        {"invoicing.providers_get_what_was_billed": "invoice "},
    ),
    "payers_in_a_ring": (
        (
            PAYER + "INSERT INTO subscribers_accountpayer (account_id, payer_id, percent, during)"
            " SELECT payer_id, account_id, 100, during FROM subscribers_accountpayer"
        ),
        {"invoicing.payers_are_in_one_cycle": "payer "},
    ),
}
