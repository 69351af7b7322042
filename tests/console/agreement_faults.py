"""Faults about promotions and contracts, planted into the small book."""

PROMOTION = (
    "INSERT INTO tariffs_promotion (id, code, kind, names, state, during, position)"
    " VALUES (4711, 'X', 'CALLS_UP_TO_RENT', '{{}}', 'DRAFT', '[2020-01-01,)', 1);"
    "INSERT INTO tariffs_promotion_credited_items (promotion_id, billitem_id) VALUES (4711, {usage_item_id});"
    "INSERT INTO tariffs_promotion_rent_items (promotion_id, billitem_id) VALUES (4711, {bill_item_id});"
)
CREDIT = (
    "INSERT INTO invoicing_invoiceline SELECT (jsonb_populate_record(l, jsonb_build_object('n', 3, 'kind', 'PROMOTION',"
    " 'net_minor', {net}, 'tax_minor', 0, 'gross_minor', {net}, 'explanation',"
    " jsonb_build_object('promotion', 4711, 'agreement', 'P-4711', 'given_minor', {given})))).*"
    " FROM invoicing_invoiceline l WHERE l.invoice_id = {{invoice_id}} AND l.n = 2"
)
# The calls of the small book's line are 61 and its rent 1000.
FAULTS = {
    "credit_above_the_calls": (
        PROMOTION + CREDIT.format(net=-62, given=62),
        {
            "invoicing.credits_are_within_calls_and_rent": "line {invoice_id}/3",
            "invoicing.promotions_are_agreed": "line {invoice_id}/3",
        },
    ),
    "credit_above_the_rent": (
        (
            PROMOTION + "UPDATE invoicing_invoiceline SET net_minor = 50, gross_minor = 50 + tax_minor"
            " WHERE invoice_id = {invoice_id} AND n = 1;" + CREDIT.format(net=-51, given=51)
        ),
        {"invoicing.credits_are_within_calls_and_rent": "line {invoice_id}/3"},
    ),
    "credit_other_than_was_written": (
        PROMOTION + CREDIT.format(net=-50, given=60),
        {"invoicing.credits_are_within_calls_and_rent": "line {invoice_id}/3"},
    ),
    "credit_that_charges": (
        PROMOTION + CREDIT.format(net=5, given=-5),
        {"invoicing.credits_are_within_calls_and_rent": "line {invoice_id}/3"},
    ),
    "bonus_without_a_contract": (
        (
            "INSERT INTO invoicing_invoiceline SELECT"
            " (jsonb_populate_record(l, jsonb_build_object('n', 3, 'kind', 'BONUS'))).*"
            " FROM invoicing_invoiceline l WHERE l.invoice_id = {invoice_id} AND l.n = 2"
        ),
        {"invoicing.contracts_are_billed_once": "line {invoice_id}/3"},
    ),
    "agreement_for_the_line_of_another_account": (
        (
            PROMOTION
            + "INSERT INTO subscribers_promotionagreement (account_id, subscription_id, promotion_id, kind, number,"
            " agreed_on, during) VALUES ({other_account_id}, {subscription_id}, 4711, 'CALLS_UP_TO_RENT', 'P-1',"
            " '2026-02-01', '[2026-02-01,)')"
        ),
        {"subscribers.agreements_are_of_their_account": "agreement P-1"},
    ),
    "promotion_approved_by_its_maker": (
        (
            PROMOTION + "ALTER TABLE tariffs_promotion DROP CONSTRAINT tariffs_promotion_second_person;"
            "UPDATE tariffs_promotion SET state = 'APPROVED', created_by_id = {accountant_id},"
            " approved_by_id = {accountant_id}"
        ),
        {"tariffs.rules_have_two_people": "promotion X"},
    ),
    "two_bill_items_on_a_day": (
        (
            "ALTER TABLE tariffs_usagecategoryitem DROP CONSTRAINT tariffs_usagecategoryitem_one_at_a_time;"
            "INSERT INTO tariffs_usagecategoryitem (category_id, bill_item_id, during)"
            " SELECT category_id, {bill_item_id}, during FROM tariffs_usagecategoryitem"
        ),
        {"tariffs.one_bill_item_a_day": "usage category LOCAL"},
    ),
}
