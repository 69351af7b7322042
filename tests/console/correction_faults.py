"""Faults about disputes and credit notes, planted into the small book: its second bill has one credit note of 600."""

CANCELLED = (
    "ALTER TABLE invoicing_invoice DISABLE TRIGGER USER;"
    "UPDATE invoicing_invoice SET state = 'CANCELLED' WHERE id = {other_invoice_id};"
)
COPY_OF_BILL = (
    "INSERT INTO invoicing_invoice SELECT (jsonb_populate_record(i, jsonb_build_object('id', {id}, 'number',"
    " '{number}', 'period_from', '{day}'))).* FROM invoicing_invoice i WHERE i.id = {{invoice_id}};"
    "INSERT INTO invoicing_invoiceline SELECT (jsonb_populate_record(l, jsonb_build_object('invoice_id', {id}))).*"
    " FROM invoicing_invoiceline l WHERE l.invoice_id = {{invoice_id}} AND l.n = 2;"
)
FAULTS = {
    "credit_above_its_line": (
        "UPDATE invoicing_creditnoteline SET net_minor = net_minor - 1000, gross_minor = gross_minor - 1000",
        {"invoicing.credit_notes_are_within_their_lines": "line {other_invoice_id}/1"},
    ),
    "credit_note_of_another_total": (
        "UPDATE invoicing_creditnote SET net_minor = net_minor - 1, gross_minor = gross_minor - 1",
        {
            "invoicing.credit_notes_are_within_their_lines": "credit note {credit_note_id}",
            "invoicing.credit_notes_are_in_the_books": "credit note {credit_note_id}",
        },
    ),
    "credit_note_without_an_entry": (
        "DELETE FROM ledger_entry WHERE source_type = 'CREDIT_NOTE'",
        {"invoicing.credit_notes_are_in_the_books": "credit note {credit_note_id}"},
    ),
    "credit_note_number_lost": (
        "UPDATE documents_numberseries SET last_number = last_number + 1 WHERE code LIKE 'CRN%'",
        {"invoicing.credit_note_numbers_have_no_gap": "number CRN-2026-000002"},
    ),
    "bill_taken_back_without_a_credit_note": (
        CANCELLED,
        {"invoicing.bills_taken_back_are_credited_whole": "invoice {other_invoice_id}"},
    ),
    "bill_taken_back_and_a_part_left": (
        CANCELLED + "UPDATE invoicing_creditnote SET kind = 'CANCELLATION', freed_after_id = 1",
        {"invoicing.bills_taken_back_are_credited_whole": "invoice {other_invoice_id}"},
    ),
    "replaced_bill_without_a_successor": (
        "UPDATE invoicing_creditnote SET kind = 'CANCELLATION', freed_after_id = 1, is_replaced = true",
        {"invoicing.replaced_bills_have_one_successor": "invoice {other_invoice_id}"},
    ),
    "successor_of_another_account": (
        (
            "INSERT INTO invoicing_invoicereplacement (old_invoice_id, new_invoice_id, credit_note_id)"
            " VALUES ({other_invoice_id}, {invoice_id}, {credit_note_id});"
            "UPDATE invoicing_creditnote SET kind = 'CANCELLATION', freed_after_id = 1, is_replaced = true"
        ),
        {"invoicing.replaced_bills_have_one_successor": "invoice {other_invoice_id}"},
    ),
    "freed_usage_billed_twice": (
        (
            COPY_OF_BILL.format(id=4711, number="INV-4711", day="2026-04-01")
            + COPY_OF_BILL.format(id=4712, number="INV-4712", day="2026-05-01")
            + "UPDATE invoicing_invoice SET state = 'CANCELLED' WHERE id = 4711"
        ),
        {"invoicing.freed_usage_is_billed_once_more": "subscription {subscription_id}"},
    ),
    "dispute_of_another_amount": (
        "UPDATE invoicing_dispute SET disputed_minor = disputed_minor + 1 WHERE state = 'OPEN'",
        {"invoicing.disputes_add_up": "dispute "},
    ),
    "dispute_accepted_and_not_credited": (
        (
            "UPDATE invoicing_disputedline SET accepted_minor = disputed_minor WHERE NOT is_open;"
            "UPDATE invoicing_dispute SET state = 'ACCEPTED', accepted_minor = disputed_minor WHERE state = 'REFUSED'"
        ),
        {"invoicing.disputes_add_up": "dispute "},
    ),
}
