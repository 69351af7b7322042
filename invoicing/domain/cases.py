"""
Runs worked examples of the form ``telecom-billing-cases/1`` through charges and invoices: months, parts of periods,
bill periods, sums and taxes.

A case that asks for anything we do not read is *not supported*, never silently simplified.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from billing_site.core.money import round_amount
from billing_site.core.periods import DatePeriod, month_of
from invoicing.domain.bill_items import UsageTotal
from invoicing.domain.bills import bill
from invoicing.domain.case_inputs import (
    anchor_in,
    bill_day_in,
    both_ends,
    day_in,
    end_in,
    interval_in,
    month_days_in,
    months_in_interval,
    refuse_unknown,
    within,
    zone_in,
)
from invoicing.domain.proration import (
    DAYS_IN_FIXED_MONTH,
    ProrationPolicy,
    fixed_month_days,
    months_in,
    months_of_days,
    prorate,
    share_of,
)
from invoicing.domain.recurring_charges import due_parts
from invoicing.domain.tax import TaxRate, TaxTable, ppm_from_percent
from rating.domain.case_values import (
    CaseNotSupported,
    JsonObject,
    bool_in,
    decimal_in,
    fraction_in,
    fraction_text,
    plain,
    refuse_other_keys,
    whole_in,
)
from rating.domain.cases import CaseRunner

PERCENT = 100
CATEGORY = 1
SOME_DAY = date(2000, 1, 1)
DIGITS = 2
# Cases say their fractions with at least so many places, and the exact sums of a month with so many.
PLACES = 9
PLACES_OF_SUMS = 8


def run_months(case: JsonObject) -> tuple[object, object]:
    """Length of a service in months: by the days of each calendar month, or in months of so many days."""
    refuse_unknown(case, known=("start", "end", "end_included", "month_basis", "days_in_month"))
    start_on, until_on = both_ends(case)
    month_days = month_days_in(case.get("month_basis", case.get("days_in_month")))
    if until_on <= start_on:
        months = Fraction()
    elif month_days is None:
        months = months_in(DatePeriod(start_on, until_on))
    else:
        months = months_of_days(start_on=start_on, until_on=until_on, month_days=month_days)
    return _beside(case, "months", months)


def run_fixed_month(case: JsonObject) -> tuple[object, object]:
    """Days between two days, or their part of a month, where every month has the same number of days."""
    refuse_unknown(case, known=("start", "end", "end_included", "days_in_month"))
    start_on, until_on = both_ends(case)
    month_days = whole_in(case["days_in_month"], where="days_in_month")
    days = fixed_month_days(start_on=start_on, until_on=until_on, month_days=month_days)
    if case["kind"] == "days_fixed_month":
        return _beside(case, "days", Fraction(days))
    return _beside(case, "periods", Fraction(days, month_days))


def run_whole_periods(case: JsonObject) -> tuple[object, object]:
    """Whole periods that have passed between two days."""
    refuse_unknown(case, known=("start", "end", "end_included", "period"))
    start_on, until_on = both_ends(case)
    count = interval_in(case["period"]).whole_between(start_on=start_on, until_on=until_on)
    return _beside(case, "periods", Fraction(max(count, 0)))


def run_proration(case: JsonObject) -> tuple[object, object]:
    """Price of a part of an interval; the two counts of days, where the case says them, must be ours too."""
    refuse_unknown(
        case,
        known=("price_minor", "days_charged", "days_in_period", "rounding", "interval", "start", "end", "end_included",
               "direction", "trial_days", "anchor", "timezone", "month_basis", "replaced_on"),
    )  # fmt: skip
    if case.get("rounding", "half_up to one minor unit") != "half_up to one minor unit":
        msg = f"rounding {case['rounding']!r}"
        raise CaseNotSupported(msg)
    policy = _policy_in(case.get("month_basis"))
    part, period = _part_in(case)
    price = whole_in(case["price_minor"], where="price_minor")
    amount = 0 if part is None else prorate(amount_minor=price, part=part, period=period, policy=policy)
    days, of_days = share_of(part=part or period, period=period, policy=policy)
    counted = (days if part else 0, of_days)
    wanted = (case.get("days_charged", counted[0]), case.get("days_in_period", counted[1]))
    amount_wanted = plain(decimal_in(case["expected"]["amount"], where="expected"))
    return (amount_wanted, *wanted), (plain(Decimal(amount)), *counted)


def _part_in(case: JsonObject) -> tuple[DatePeriod | None, DatePeriod]:
    """
    Return the days that are charged or given back, and the interval that they are a part of.

    The day on which another plan replaces this one belongs to the other: a charge ends before it, a credit begins on
    it. The interval is that of the start; where the plan was replaced in a later one, or what follows an end is given
    back, that one.
    """
    zone = case.get("timezone")
    start_on, until_on = day_in(case["start"], zone=zone), end_in(case, zone=zone)
    replaced_on = None if case.get("replaced_on") is None else day_in(case["replaced_on"], zone=zone)
    direction = case.get("direction", "charge")
    if direction not in {"charge", "credit", "credit_after_end"}:
        msg = f"direction {direction!r}"
        raise CaseNotSupported(msg)
    last_on = _last_day(start_on, replaced_on, is_charge=direction == "charge")
    if direction == "credit_after_end" and until_on is not None:
        last_on = max(start_on, until_on - timedelta(days=1))
    period = interval_in(case["interval"]).period_with(
        last_on, anchor_on=anchor_in(case.get("anchor"), start_on=start_on, zone=zone)
    )
    if direction == "credit_after_end":
        begin = until_on or replaced_on
        if begin is None:
            msg = "a credit after an end that is not said"
            raise CaseNotSupported(msg)
        return within(begin, None, period), period
    begin = start_on + timedelta(days=whole_in(case.get("trial_days", 0), where="trial_days"))
    if replaced_on is not None and direction == "charge":
        until_on = min(until_on or replaced_on, replaced_on)
    elif replaced_on is not None:
        begin = max(begin, replaced_on)
    return within(begin, until_on, period), period


def _last_day(start_on: date, replaced_on: date | None, *, is_charge: bool) -> date:
    """Return a day of the interval that is meant: the start, or the last day on which a plan was still this one."""
    if replaced_on is None:
        return start_on
    return max(start_on, replaced_on - timedelta(days=1) if is_charge else replaced_on)


def _policy_in(basis: object) -> ProrationPolicy:
    days = month_days_in(basis)
    if days not in {None, DAYS_IN_FIXED_MONTH}:
        msg = f"month of {days} days"
        raise CaseNotSupported(msg)
    return ProrationPolicy.CALENDAR_DAYS if days is None else ProrationPolicy.THIRTY_DAYS


def run_billing_periods(case: JsonObject) -> tuple[object, object]:
    """How many periods are charged up to a bill, the parts at either end among them."""
    refuse_unknown(case, known=("billing", "period", "bill_day", "start", "end", "end_included", "invoice_up_to"))
    if case["billing"] not in {"in advance", "in arrears"}:
        msg = f"billing: {case['billing']!r} is neither in advance nor in arrears"
        raise CaseNotSupported(msg)
    start_on, until_on = day_in(case["start"]), end_in(case)
    parts = (
        ()
        if until_on is not None and until_on <= start_on
        else due_parts(
            active=DatePeriod(start_on, until_on),
            bill_day=bill_day_in(case["bill_day"]),
            invoice_up_to=day_in(case["invoice_up_to"]),
            in_advance=case["billing"] == "in advance",
            months=months_in_interval(case["period"]),
        )
    )
    periods = sum((Fraction(due.part.days, due.period.days) for due in parts), Fraction())
    wanted, got = _beside(case, "periods", periods)
    said = case["expected"].get("fraction")
    return (wanted, str(periods if said is None else fraction_in(said, where="fraction"))), (got, str(periods))


def run_invoice_month(case: JsonObject) -> tuple[object, object]:
    """Net and gross of a month's fees before they are rounded, to eight places."""
    refuse_unknown(case, known=("month", "timezone", "tax_percent", "subscriptions"))
    month = month_of(date.fromisoformat(f"{case['month']}-01"))
    if case.get("timezone") is not None:
        zone_in(case["timezone"])
    net = sum((_net_of(found, month, zone=case.get("timezone")) for found in case["subscriptions"]), Fraction())
    tax = net * Fraction(decimal_in(case.get("tax_percent", 0), where="tax_percent")) / PERCENT
    sums = {"net": net, "tax": tax, "gross": net + tax}
    named = [name for name in sums if name in case["expected"]]
    if not named:
        msg = "nothing is expected"
        raise CaseNotSupported(msg)
    return (
        [_sum_text(Fraction(decimal_in(case["expected"][name], where=name))) for name in named],
        [_sum_text(sums[name]) for name in named],
    )


def _net_of(found: JsonObject, month: DatePeriod, *, zone: object) -> Fraction:
    """Return the exact fees of a subscription: parts of the month, whole months ahead, less what is given back."""
    refuse_other_keys(found, known=("segments", "upfront", "credits"), where="subscription")
    net = Fraction()
    for segment in found.get("segments") or ():
        refuse_other_keys(segment, known=("price", "from", "to", "prorate"), where="segment")
        is_prorated = bool_in(segment.get("prorate", True), where="prorate")
        policy = ProrationPolicy.CALENDAR_DAYS if is_prorated else ProrationPolicy.WHOLE
        until_on = None if segment.get("to") is None else day_in(segment["to"], zone=zone)
        part = within(day_in(segment["from"], zone=zone), until_on, month)
        if part is not None:
            net += _price_in(segment["price"]) * Fraction(*share_of(part=part, period=month, policy=policy))
    for price in found.get("upfront") or ():
        net += _price_in(price)
    for credit in found.get("credits") or ():
        refuse_other_keys(credit, known=("price", "days", "of"), where="credit")
        days, of_days = whole_in(credit["days"], where="days"), whole_in(credit["of"], where="of")
        net -= _price_in(credit["price"]) * Fraction(days, of_days)
    return net


def run_invoice_total(case: JsonObject) -> tuple[object, object]:
    """Net, tax and gross of an invoice whose lines are given; each is rounded to a minor unit first."""
    refuse_unknown(case, known=("lines_minor", "tax_percent"))
    percent = decimal_in(case["tax_percent"], where="tax_percent")
    lines = [int(round_amount(decimal_in(line, where="lines_minor"), places=0)) for line in case["lines_minor"]]
    made = bill(
        account_id=1,
        start_on=SOME_DAY,
        until_on=SOME_DAY + timedelta(days=1),
        digits=DIGITS,
        tax_table=TaxTable([TaxRate(CATEGORY, date.min, ppm_from_percent(percent))]),
        usage=[_total_of(line, number) for number, line in enumerate(lines, start=1)],
    )
    sums = {"net": made.net_minor, "tax": made.tax_minor, "amount": made.gross_minor}
    named = [name for name in sums if name in case["expected"]]
    if "amount" not in named:
        msg = "no amount is expected"
        raise CaseNotSupported(msg)
    return (
        [plain(decimal_in(case["expected"][name], where=name)) for name in named],
        [plain(Decimal(sums[name])) for name in named],
    )


def _total_of(minor: int, number: int) -> UsageTotal:
    micro = minor * 10 ** (6 - DIGITS)
    return UsageTotal(1, number, CATEGORY, None, micro, 1, 1, "EVENTS", SOME_DAY, SOME_DAY + timedelta(days=1))


def _price_in(found: object) -> Fraction:
    return Fraction(decimal_in(found, where="price"))


def _beside(case: JsonObject, name: str, got: Fraction) -> tuple[str, str]:
    """Return what a case expects under a name and what we got, written alike."""
    wanted = decimal_in(case["expected"][name], where=name)
    return fraction_text(Fraction(wanted), places=PLACES, like=wanted), fraction_text(got, places=PLACES, like=wanted)


def _sum_text(value: Fraction) -> str:
    """Write an exact sum with the places to which cases say it."""
    return fraction_text(value, places=PLACES_OF_SUMS)


INVOICE_RUNNERS: Mapping[str, CaseRunner] = {
    "months": run_months,
    "proration": run_proration,
    "proration_fixed_month": run_fixed_month,
    "days_fixed_month": run_fixed_month,
    "whole_periods": run_whole_periods,
    "billing_periods": run_billing_periods,
    "invoice_month": run_invoice_month,
    "invoice_total": run_invoice_total,
}
