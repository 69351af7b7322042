"""Faults about the days that fees are charged for and about one-off charges, planted into the small book."""

VERSION = "(SELECT max(id) FROM tariffs_planversion)"
SUBSCRIPTION = "subscription {subscription_id}"


def fee(timing: str) -> str:
    """Give the book's plan a fee that its bills, made without one, do not charge."""
    return (
        "INSERT INTO tariffs_price (plan_version_id, kind, bill_item_id, names, amount, proration, timing)"
        f" VALUES ({VERSION}, 'RECURRING', {{bill_item_id}}, '{{{{}}}}', 1000, 'CALENDAR_DAYS', '{timing}');"
    )


def days(*, sign: int, invoice: str = "{invoice_id}") -> str:
    return (
        "INSERT INTO invoicing_chargeddays (invoice_id, subscription_id, bill_item_id, plan_version_id, price_micro,"
        " sign, start_on, until_on, period_from, period_until, days, of_days)"
        f" VALUES ({invoice}, {{subscription_id}}, {{bill_item_id}}, 1, 1000, {sign}, '2026-02-01', '2026-03-01',"
        " '2026-02-01', '2026-03-01', 28, 28);"
    )


def charge(state: str) -> str:
    return (
        "INSERT INTO invoicing_oneoffcharge (id, account_id, bill_item_id, kind, state, price_micro, quantity,"
        " charged_on, note, withdrawn_for, ready_at) VALUES (4711, {account_id}, {bill_item_id}, 'VISIT',"
        f" '{state}', 1000000, 1, '2026-02-05', 'x', '', '2020-01-01');"
    )


def billing(n: int) -> str:
    return f"INSERT INTO invoicing_chargebilling (charge_id, invoice_id, n) VALUES (4711, {{invoice_id}}, {n});"


FAULTS = {
    "fee_not_charged": (fee("ARREARS"), {"invoicing.days_are_not_skipped": SUBSCRIPTION}),
    "last_day_of_a_fee_not_charged": (
        (
            fee("ARREARS") + f"UPDATE invoicing_invoiceline SET plan_version_id = {VERSION}, quantity = 1,"
            " period_until = period_until - 1 WHERE kind = 'RECURRING'"
        ),
        {"invoicing.days_are_not_skipped": SUBSCRIPTION},
    ),
    "fee_in_advance_not_charged": (fee("ADVANCE"), {"invoicing.days_ahead_are_not_skipped": SUBSCRIPTION}),
    "fee_in_advance_charged_twice": (
        days(sign=1) + days(sign=1),
        {"invoicing.days_ahead_are_charged_once": SUBSCRIPTION},
    ),
    "days_given_back_that_nobody_charged": (
        days(sign=-1),
        {"invoicing.days_ahead_are_charged_once": SUBSCRIPTION},
    ),
    "days_charged_by_no_bill": (
        days(sign=1, invoice="999999"),
        {"invoicing.days_ahead_are_charged_once": "entry "},
    ),
    "charge_left_behind": (charge("READY"), {"invoicing.charges_are_billed_once": "charge 4711"}),
    "withdrawn_charge_billed": (
        charge("WITHDRAWN") + billing(1),
        {"invoicing.charges_are_billed_once": "charge 4711"},
    ),
    "charge_billed_on_no_line": (
        charge("READY") + billing(9),
        {"invoicing.charges_are_billed_once": "charge 4711"},
    ),
}
