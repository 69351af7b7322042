"""Worked examples of charges and invoices: variants beside the shared ones, and what happens to odd ones."""

import pytest

from invoicing.domain.cases import INVOICE_RUNNERS
from rating.domain.cases import CaseOutcome, verify_case


def outcome(kind, *, expected, **fields):
    return verify_case({"id": "own", "kind": kind, "expected": expected, **fields}, runners=INVOICE_RUNNERS)


def agrees(kind, **fields):
    found = outcome(kind, **fields)
    return found.outcome is CaseOutcome.AGREED or found


def part(amount, *, price_minor=1000, interval="month", **fields):
    return agrees("proration", expected={"amount": amount}, price_minor=price_minor, interval=interval, **fields)


@pytest.mark.parametrize("kind", ["proration", "invoice_total"])
def test_what_another_system_says_beside_a_case_is_passed_over(kind):
    fields = {"start": "2026-03-01", "interval": "month", "price_minor": 5} if kind == "proration" else {}
    fields |= {"lines_minor": ["5"], "tax_percent": "0"} if kind == "invoice_total" else {}

    assert agrees(kind, expected={"amount": "5"}, peer_amount="6", peer_net="6", currency="AMD", **fields) is True
    assert agrees(kind, expected={"amount": "5"}, payer="6", **fields) is not True


@pytest.mark.parametrize(
    ("amount", "fields"),
    [
        ("0", {"start": "2026-03-10", "price_minor": 0}),
        ("452", {"start": "2026-03-01", "replaced_on": "2026-03-15"}),
        ("452", {"start": "2026-02-10", "replaced_on": "2026-03-15"}),
        ("1000", {"start": "2026-02-01", "replaced_on": "2026-03-01"}),
        ("0", {"start": "2026-03-15", "replaced_on": "2026-03-15"}),
        ("548", {"start": "2026-03-01", "replaced_on": "2026-03-15", "direction": "credit"}),
        ("548", {"start": "2026-03-01", "replaced_on": "2026-03-15", "direction": "credit_after_end"}),
        ("621", {"start": "2024-02-12", "replaced_on": "2024-02-12", "direction": "credit"}),
        ("355", {"start": "2026-03-01", "replaced_on": "2026-03-15", "trial_days": 3}),
        ("500", {"start": "2024-02-15", "end": "2024-02-29", "price_minor": 967, "end_included": True}),
        ("1000", {"start": "2026-03-02", "interval": "week"}),
        ("143", {"start": "2026-03-02", "end": "2026-03-03", "interval": "week"}),
        ("500", {"start": "2026-07-01", "interval": "year", "price_minor": 992}),
        ("332", {"start": "2025-12-31", "anchor": "2025-11-30", "interval": "quarter", "price_minor": 506}),
        ("1000", {"start": "2026-01-01", "interval": "6 months"}),
        ("500", {"start": "2026-02-16", "month_basis": "30 days"}),
        # What follows an end is given back of the interval in which the end lies, though the service began before.
        ("355", {"start": "2025-11-20", "end": "2026-03-20", "end_included": True, "direction": "credit_after_end"}),
        ("0", {"start": "2025-11-20", "end": "2026-03-01", "direction": "credit_after_end"}),
        ("968", {"start": "2026-03-01", "end": "2026-03-01", "end_included": True, "direction": "credit_after_end"}),
        ("0", {"start": "2026-03-01", "end": "2026-03-31", "end_included": True, "direction": "credit_after_end"}),
        ("1000", {"start": "2026-03-30", "anchor": 30}),
    ],
)
def test_part_of_an_interval(amount, fields):
    assert part(amount, **fields) is True


@pytest.mark.parametrize(
    ("start", "zone", "days"),
    [
        # The clocks of Yerevan stay; those of Berlin go forward on 29 March 2026, those of New York on the 8th.
        ("2026-03-28T19:59:59Z", "Asia/Yerevan", 4),
        ("2026-03-28T20:00:00Z", "Asia/Yerevan", 3),
        ("2026-03-29T21:59:59Z", "Europe/Berlin", 3),
        ("2026-03-29T22:00:00Z", "Europe/Berlin", 2),
        ("2026-03-08T04:59:59Z", "America/New_York", 25),
        ("2026-03-09T04:00:00Z", "America/New_York", 23),
    ],
)
def test_instant_is_a_day_of_its_zone(start, zone, days):
    assert part(str(days), price_minor=31, start=start, timezone=zone, days_charged=days, days_in_period=31) is True


def test_counts_of_days_must_be_ours_too():
    found = outcome(
        "proration", expected={"amount": "55"}, price_minor=100, interval="month", start="2026-03-15",
        days_charged=16, days_in_period=31,
    )  # fmt: skip

    assert found.outcome is CaseOutcome.DIFFERS


@pytest.mark.parametrize(
    ("periods", "fields"),
    [
        ("2", {"billing": "in arrears", "bill_day": 31, "start": "2026-01-31", "invoice_up_to": "2026-03-31"}),
        ("1", {"billing": "in arrears", "bill_day": 31, "start": "2026-01-31", "invoice_up_to": "2026-03-30"}),
        ("0", {"billing": "in advance", "bill_day": 1, "start": "2026-02-01", "invoice_up_to": "2026-01-31"}),
        ("0", {"billing": "in advance", "bill_day": 1, "start": "2026-02-01", "end": "2026-02-01",
               "invoice_up_to": "2026-03-01"}),
        ("1", {"billing": "in advance", "bill_day": 29, "start": "2026-02-28", "invoice_up_to": "2026-02-28",
               "period": "half-year"}),
    ],
)  # fmt: skip
def test_bill_periods(periods, fields):
    assert (
        agrees("billing_periods", expected={"periods": periods}, **{"period": "month", "end": None, **fields}) is True
    )


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("whole_periods", {"start": "2026-01-31", "end": "2026-02-28", "period": "month", "expected": {"periods": 1}}),
        ("whole_periods", {"start": "2024-02-29", "end": "2026-02-28", "period": "year", "expected": {"periods": 2}}),
        ("whole_periods", {"start": "2026-02-01", "end": "2026-01-01", "period": "week", "expected": {"periods": 0}}),
        ("whole_periods", {"start": "2026-01-01", "end": "2026-06-30", "period": "quarter",
                           "expected": {"periods": 1}}),
        ("days_fixed_month", {"start": "2026-01-31", "end": "2026-03-31", "days_in_month": 30,
                              "expected": {"days": 60}}),
        ("months", {"start": "2026-02-01", "end": "2026-02-01", "expected": {"months": "0"}}),
        ("months", {"start": "2026-02-01", "end": "2026-02-28", "end_included": True, "month_basis": "30 days",
                    "expected": {"months": "1"}}),
    ],
)  # fmt: skip
def test_lengths(kind, fields):
    assert agrees(kind, **fields) is True


def test_fraction_of_a_case_may_be_written_uncancelled():
    fields = {"billing": "in advance", "bill_day": 15, "start": "2026-02-01", "end": None, "period": "month"}
    expected = {"periods": "0.451612903", "fraction": "28/62"}

    assert agrees("billing_periods", invoice_up_to="2026-02-14", expected=expected, **fields) is True


@pytest.mark.parametrize(
    ("lines", "percent", "amount"),
    [
        (["10000", "-2550"], "20", "8940"),
        (["-10000"], "20", "-12000"),
        (["-3", "1"], "25", "-3"),
        ([], "20", "0"),
        (["333", "333", "333"], "7.5", "1074"),
        (["1"], "0", "1"),
        # Each line is rounded by itself, before they are added: 33 + 34 - 1, and tax on 66.
        (["33.4", "33.5", "-0.5"], "50", "99"),
    ],
)
def test_sum_of_an_invoice_may_be_nothing_or_below_it(lines, percent, amount):
    assert agrees("invoice_total", lines_minor=lines, tax_percent=percent, expected={"amount": amount}) is True


def test_invoice_month_counts_what_touches_it():
    segments = [
        {"price": "31", "from": "2025-01-01", "to": "2026-03-02"},
        {"price": "999", "from": "2026-04-01", "to": None, "prorate": False},
    ]
    subscriptions = [{"segments": segments}, {"credits": [{"price": "10", "days": 1, "of": 4}]}]

    assert (
        agrees("invoice_month", month="2026-03", subscriptions=subscriptions, expected={"net": "-1.5", "gross": "-1.5"})
        is True
    )


@pytest.mark.parametrize(
    ("kind", "fields", "reason"),
    [
        ("proration", {"interval": "fortnight"}, "interval 'fortnight'"),
        ("proration", {"direction": "sideways"}, "direction 'sideways'"),
        ("proration", {"direction": "credit_after_end"}, "an end that is not said"),
        ("proration", {"rounding": "up"}, "rounding 'up'"),
        ("proration", {"timezone": "Nowhere/At-all", "start": "2026-03-01T00:00:00Z"}, "time zone"),
        ("proration", {"month_basis": "28 days"}, "month of 28 days"),
        ("proration", {"tip": 3}, "proration: unknown fields tip"),
        ("proration", {"end": "2026-03-05", "end_included": "yes"}, "end_included: 'yes' is not true or false"),
        ("months", {}, "a length without an end"),
        ("billing_periods", {"billing": "someday"}, "billing: 'someday' is neither"),
        (
            "billing_periods",
            {
                "billing": "in advance",
                "bill_day": 32,
                "start": "2026-03-01",
                "invoice_up_to": "2026-03-01",
                "period": "month",
            },
            "bill_day: 32 is not a day of the month",
        ),
        ("invoice_month", {"month": "2026-03", "subscriptions": [], "timezone": "Moon/Base"}, "time zone 'Moon/Base'"),
        (
            "invoice_total",
            {"tax_percent": "1", "lines_minor": [], "expected": {"amount": "0", "vat": "0"}},
            "expected: unknown fields vat",
        ),
        ("invoice_month", {"month": "2026-03", "subscriptions": [{"usage": 1}]}, "subscription: unknown fields usage"),
        ("invoice_month", {"month": "2026-13", "subscriptions": []}, "the field month is '2026-13', not a month"),
        (
            "invoice_month",
            {"month": "2026-03", "subscriptions": [{"segments": [{"price": "1", "from": "1 March"}]}]},
            "the field subscriptions[1].segments[1].from is '1 March', not a day of the calendar",
        ),
        ("invoice_total", {"tax_percent": "1", "lines_minor": "12"}, "the field lines_minor is '12', not a list"),
        ("invoice_total", {"tax_percent": "x", "lines_minor": []}, "tax_percent: 'x' is not a decimal"),
    ],
)
def test_case_that_asks_for_more_is_not_supported_and_says_what(kind, fields, reason):
    own = {"start": "2026-03-01", "price_minor": 1, "interval": "month"} if kind == "proration" else {}
    own = {"start": "2026-03-01"} if kind == "months" else own

    expected = {"months": "months", "billing_periods": "periods", "invoice_month": "net"}.get(kind, "amount")

    found = outcome(kind, **{"expected": {expected: "1"}, **own, **fields})

    assert found.outcome is CaseOutcome.NOT_SUPPORTED
    assert reason in found.reason
