"""Faults in what spans the house, and in the time that records are kept: see ``test_planted_faults``."""

FAULTS = {
    "entry_of_an_unknown_kind": (
        "UPDATE ledger_entry SET source_type = 'GIFT' WHERE id = {entry_id}",
        {"console.entries_have_documents": "entry {entry_id}"},
    ),
    "entry_of_a_document_that_is_not_there": (
        "UPDATE ledger_entry SET source_id = 'INV-2026-900000' WHERE id = {entry_id}",
        {"console.entries_have_documents": "entry {entry_id}"},
    ),
    "card_number_in_an_address": (
        "UPDATE subscribers_account SET address = 'Card 4111 1111 1111 1111' WHERE id = {account_id}",
        {"console.no_card_numbers": "subscribers_account {account_id}"},
    ),
    "card_number_in_a_credit_note": (
        "UPDATE invoicing_creditnote SET note = 'paid by 5500000000000004' WHERE id = {credit_note_id}",
        {"console.no_card_numbers": "invoicing_creditnote {credit_note_id}"},
    ),
    "old_day_left_over": (
        "INSERT INTO rating_usagepartition (day, table_name) VALUES ('1900-01-01', 'rating_ratedusage_19000101')",
        {"rating.old_records_go": "day 1900-01-01"},
    ),
    "held_day_detached": (
        (
            "INSERT INTO rating_legalhold (days, reason, placed_by_id, placed_at)"
            " VALUES ('[2026-02-11,2026-02-12)', 'court order 7', {accountant_id}, now() - interval '1 day');"
            "INSERT INTO rating_detachedpartition (day, table_name, record_count, amount_micro, detached_at)"
            " VALUES ('2026-02-10', 'rating_old_20260210', 0, 0, now())"
        ),
        {"rating.held_records_stay": "day 2026-02-10"},
    ),
}
