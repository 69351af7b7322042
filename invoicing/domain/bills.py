"""
One account's bill, from what it has and used to lines, taxes and totals.

Every line is rounded once to the currency; tax is computed on those rounded nets. The order is: charges, discounts by
position, promotion credits by position, what is missing to a minimum, what contracts bring, tax (ADR 0009, 0012);
``closing.round_to_cash`` comes after it. Pure and quick: no reading, no clock, no rounding but that of ``core.money``.

Until the tax is reckoned, the amount of a line whose price includes tax is its gross (``domain.tax`` says how the net
comes out of it).
"""

from collections.abc import Sequence
from datetime import date, timedelta

from billing_site.core.money import RoundingMode, micro_per_minor, round_quotient, split_by_weights
from billing_site.core.periods import DatePeriod
from invoicing.domain.bill_items import (
    Bill,
    CommitmentPart,
    ContractCharge,
    Discount,
    LineKind,
    OneOffItem,
    PeriodDiscounts,
    Promotion,
    Reason,
    RecurringItem,
    UsageTotal,
)
from invoicing.domain.closing import (
    BILL_ITEM,
    CATEGORY,
    INCLUDES_TAX,
    KIND,
    NET,
    PIECES,
    RATE,
    START,
    SUBSCRIPTION,
    Row,
    close_bill,
)
from invoicing.domain.commitments import find_shortfalls
from invoicing.domain.discounts import DiscountBase, give_discounts
from invoicing.domain.promotions import Charge, give_promotions
from invoicing.domain.proration import share_between
from invoicing.domain.tax import TaxedSpan, TaxTable, net_in

_ONE_DAY = timedelta(days=1)

# Looked up once: members of an enumeration are found by a call each time, and a bill run makes millions of lines.
_RECURRING, _ONE_OFF, _USAGE, _DISCOUNT = LineKind.RECURRING, LineKind.ONE_OFF, LineKind.USAGE, LineKind.DISCOUNT
_PROMOTION = LineKind.PROMOTION
_CORRECTION, _COMMITMENT = LineKind.CORRECTION, LineKind.COMMITMENT
_TAKEN_OFF = (_DISCOUNT, _PROMOTION)


def bill(
    *,
    account_id: int,
    start_on: date,
    until_on: date,
    digits: int,
    tax_table: TaxTable,
    recurring: Sequence[RecurringItem] = (),
    one_offs: Sequence[OneOffItem] = (),
    usage: Sequence[UsageTotal] = (),
    corrections: Sequence[UsageTotal] = (),
    discounts: Sequence[Discount] = (),
    earlier_discounts: Sequence[PeriodDiscounts] = (),
    promotions: Sequence[Promotion] = (),
    commitments: Sequence[CommitmentPart] = (),
    contract_charges: Sequence[ContractCharge] = (),
    periods: Sequence[DatePeriod] = (),
    rounding: RoundingMode = RoundingMode.HALF_UP,
    may_include_tax: bool = True,
) -> Bill:
    """
    Make the bill of one account for one bill period.

    Lines stand in the order recurring, one-off, usage, corrections of usage, discounts, promotions, minimums,
    contracts, and inside these in the order given, which the caller makes stable.

    :param start_on: first day of the bill period, ``until_on`` its exclusive end; they date the discount lines
    :param digits: decimals of the currency on bills
    :param tax_table: rates by category and day; a rate that changes inside a recurring part cuts its line there
    :param earlier_discounts: the discounts of periods before its own that the bill covers, in order of time; what
        begins in one of them has these and no others
    :param periods: the bill periods that the bill covers, where it is more than its own
    :param may_include_tax: whether any price may include tax; a run without one need not look
    :raises NoTaxRate: if a category has no rate on a day that is billed
    """
    unit = micro_per_minor(digits=digits)
    rows: list[Row] = []
    for item in recurring:
        _add_recurring(rows, item, unit=unit, tax_table=tax_table, rounding=rounding)
    for one_off in one_offs:
        _add_one_off(rows, one_off, unit=unit, tax_table=tax_table, rounding=rounding)
    if usage:
        _add_usage(rows, usage, _USAGE, unit=unit, tax_table=tax_table, rounding=rounding)
    if corrections:
        _add_usage(rows, corrections, _CORRECTION, unit=unit, tax_table=tax_table, rounding=rounding)
    notes: dict[int, Reason] = {}
    if discounts or earlier_discounts:
        own = PeriodDiscounts(DatePeriod(start_on, until_on), discounts)
        notes = _add_discounts(rows, own, earlier_discounts, unit=unit)
    reasons: list[Reason] = []
    if promotions:
        covered = periods or (DatePeriod(start_on, until_on),)
        reasons += _add_promotions(rows, promotions, periods=covered, unit=unit)
    reasons += _add_shortfalls(rows, commitments, unit=unit, tax_table=tax_table)
    for charge in contract_charges:
        rows.append(_contract_row(charge, unit=unit, tax_table=tax_table, rounding=rounding))
        reasons.append(charge.reason)
    return close_bill(account_id, rows, tuple(reasons), notes, may_include_tax=may_include_tax)


def _add_recurring(
    rows: list[Row], item: RecurringItem, *, unit: int, tax_table: TaxTable, rounding: RoundingMode
) -> None:
    """Add a line for every tax rate that holds during the part."""
    days, of_days = item.days, item.of_days
    if not of_days:
        days, of_days = share_between(
            start_on=item.start_on,
            until_on=item.until_on,
            period_start_on=item.period_start_on,
            period_until_on=item.period_until_on,
            policy=item.policy,
        )
    net = round_quotient(numerator=item.price_micro * item.quantity * days, denominator=of_days * unit, mode=rounding)
    spans = tax_table.spans(tax_category_id=item.tax_category_id, start_on=item.start_on, until_on=item.until_on)
    if len(spans) == 1:
        rows.append(_recurring_row(item, spans[0], days=days, of_days=of_days, net=net))
        return
    # The part is priced as one, then cut by days, so that a change of the tax rate alone never changes the net.
    span_days = [(span.until_on - span.start_on).days for span in spans]
    for span, own_days, own_net in zip(spans, span_days, split_by_weights(net, span_days), strict=True):
        rows.append(
            _recurring_row(item, span, days=own_days, of_days=sum(span_days) * of_days // max(days, 1), net=own_net)
        )


def _recurring_row(item: RecurringItem, span: TaxedSpan, *, days: int, of_days: int, net: int) -> Row:
    includes_tax = item.includes_tax
    if includes_tax and span.spared_ppm is not None:
        net, includes_tax = net_in(gross_minor=net, rate_ppm=span.spared_ppm), False
    return [
        0,
        _RECURRING,
        item.subscription_id,
        item.bill_item_id,
        item.plan_version_id,
        span.start_on,
        span.until_on,
        item.quantity,
        PIECES,
        item.price_micro,
        days,
        of_days,
        0,
        None,
        span.tax_category_id,
        span.rate_ppm,
        net,
        0,
        includes_tax,
    ]


def _add_one_off(rows: list[Row], item: OneOffItem, *, unit: int, tax_table: TaxTable, rounding: RoundingMode) -> None:
    span = tax_table.span_on(tax_category_id=item.tax_category_id, on=item.charged_on)
    net = round_quotient(numerator=item.price_micro * item.quantity, denominator=unit, mode=rounding)
    includes_tax = item.includes_tax
    if includes_tax and span.spared_ppm is not None:
        net, includes_tax = net_in(gross_minor=net, rate_ppm=span.spared_ppm), False
    rows.append(
        [
            0,
            _ONE_OFF,
            item.subscription_id,
            item.bill_item_id,
            item.plan_version_id,
            item.charged_on,
            item.charged_on + _ONE_DAY,
            item.quantity,
            PIECES,
            item.price_micro,
            1,
            1,
            0,
            item.source_id,
            span.tax_category_id,
            span.rate_ppm,
            net,
            0,
            includes_tax,
        ]
    )


def _add_usage(
    rows: list[Row],
    usage: Sequence[UsageTotal],
    kind: LineKind,
    *,
    unit: int,
    tax_table: TaxTable,
    rounding: RoundingMode,
) -> None:
    """Add a line for every total; the totals are taken apart at once, because they are most of all lines."""
    seen_category, seen_until = 0, date.min
    taxed_as, rate = 0, 0
    spared: int | None = None
    for (subscription, item, category, version, micro, records, quantity, measure, start_on, until_on, source,
         includes_tax) in usage:  # fmt: skip
        # Most totals are taxed as the one before.
        if category != seen_category or until_on != seen_until:
            seen_category, seen_until = category, until_on
            spans = tax_table.spans(tax_category_id=category, start_on=start_on, until_on=until_on)
            _first_on, _until_on, rate, taxed_as, spared = spans[-1]
        net = round_quotient(numerator=micro, denominator=unit, mode=rounding)
        if includes_tax and spared is not None:
            net, includes_tax = net_in(gross_minor=net, rate_ppm=spared), False  # noqa: PLW2901 - it is out now
        rows.append(
            [0, kind, subscription, item, version, start_on, until_on, quantity, measure, None, 1, 1, records, source,
             taxed_as, rate, net, 0, includes_tax]
        )  # fmt: skip


def _add_discounts(
    rows: list[Row], own: PeriodDiscounts, earlier: Sequence[PeriodDiscounts], *, unit: int
) -> dict[int, Reason]:
    """Add a negative line for each discount on each base; return what is to be said of lines, by position."""
    notes: dict[int, Reason] = {}
    charges, settled = list(rows), set[int]()
    for period, discounts in earlier:
        inside = [at for at, row in enumerate(charges) if at not in settled and period.contains(row[START])]
        settled.update(inside)
        _add_period_discounts(rows, [charges[at] for at in inside], period, discounts, notes, unit=unit)
    rest = [row for at, row in enumerate(charges) if at not in settled] if settled else charges
    _add_period_discounts(rows, rest, own.period, own.discounts, notes, unit=unit)
    return notes


def _add_period_discounts(
    rows: list[Row],
    charges: Sequence[Row],
    period: DatePeriod,
    discounts: Sequence[Discount],
    notes: dict[int, Reason],
    *,
    unit: int,
) -> None:
    """Add the lines of the discounts that some charges have, dated by a period."""
    nets = [(_base_of(row), row[NET]) for row in charges]
    for given in give_discounts(nets=nets, discounts=discounts, unit=unit):
        base = given.base
        rows.append(
            [
                0,
                _DISCOUNT,
                base.subscription_id,
                base.bill_item_id,
                None,
                period.start,
                period.until,
                1,
                PIECES,
                given.base_minor * unit,
                1,
                1,
                0,
                given.discount.discount_id,
                base.tax_category_id,
                base.tax_rate_ppm,
                -given.amount_minor,
                0,
                base.includes_tax,
            ]
        )
        if given.discount.reason:
            notes[len(rows)] = given.discount.reason


def _base_of(row: Row) -> DiscountBase:
    return DiscountBase(row[SUBSCRIPTION], row[BILL_ITEM], row[CATEGORY], row[RATE], row[INCLUDES_TAX])


def _add_promotions(
    rows: list[Row], promotions: Sequence[Promotion], *, periods: Sequence[DatePeriod], unit: int
) -> list[Reason]:
    """Add a negative line for each promotion on each base; return the reasons of these lines."""
    reasons: list[Reason] = []
    charges = _charges_left(rows)
    for given in give_promotions(charges=charges, promotions=promotions, periods=periods, unit=unit):
        base = given.base
        rows.append(
            [0, _PROMOTION, base.subscription_id, base.bill_item_id, None, given.period.start, given.period.until, 1,
             PIECES, None, 1, 1, 0, given.promotion.agreement_id, base.tax_category_id, base.tax_rate_ppm,
             -given.amount_minor, 0, base.includes_tax]
        )  # fmt: skip
        reasons.append(
            {
                **given.promotion.reason,
                "base_minor": given.base_minor,
                "limit_minor": given.limit_minor,
                "given_minor": given.given_minor,
            }
        )
    return reasons


def _charges_left(rows: list[Row]) -> list[Charge]:
    """
    Return the charges with what discounts and promotions left of them; each of these is shared out over the lines of
    its base.
    """
    charges = [row for row in rows if row[KIND] not in _TAKEN_OFF]
    left = [row[NET] for row in charges]
    for row in rows[len(charges) :]:
        base = _base_of(row)
        places = [at for at, charge in enumerate(charges) if _base_of(charge) == base]
        shares = split_by_weights(-row[NET], [max(0, left[at]) for at in places])
        for at, share in zip(places, shares, strict=True):
            left[at] -= share
    return [Charge(row[KIND], _base_of(row), row[START], minor) for row, minor in zip(charges, left, strict=True)]


def _add_shortfalls(
    rows: list[Row], commitments: Sequence[CommitmentPart], *, unit: int, tax_table: TaxTable
) -> list[Reason]:
    """Add a line for what is missing to a minimum, subscription by subscription; return the reasons of these lines."""
    reasons: list[Reason] = []
    if not commitments:
        return reasons
    for found in find_shortfalls(charges=_charges_left(rows), parts=commitments, unit=unit):
        part = found.part
        last_on = part.until_on - _ONE_DAY
        span = tax_table.span_on(tax_category_id=part.tax_category_id, on=last_on)
        rows.append(
            [0, _COMMITMENT, part.subscription_id, part.bill_item_id, None, part.start_on, part.until_on, 1, PIECES,
             None, found.days, found.of_days, 0, part.commitment_id, span.tax_category_id, span.rate_ppm,
             found.missing_minor, 0, False]
        )  # fmt: skip
        reasons.append(
            {
                "commitment": part.commitment_id,
                "amount_micro": part.amount_micro,
                "days": found.days,
                "of_days": found.of_days,
                "due_minor": found.due_minor,
                "counted_minor": found.counted_minor,
            }
        )
    return reasons


def _contract_row(charge: ContractCharge, *, unit: int, tax_table: TaxTable, rounding: RoundingMode) -> Row:
    net = round_quotient(numerator=charge.amount_micro, denominator=charge.denominator * unit, mode=rounding)
    span = tax_table.span_on(tax_category_id=charge.tax_category_id, on=charge.charged_on)
    return [
        0, charge.kind, charge.subscription_id, charge.bill_item_id, None, charge.charged_on,
        charge.charged_on + _ONE_DAY, 1, PIECES, None, 1, 1, 0, charge.contract_id, span.tax_category_id,
        span.rate_ppm, -net if charge.kind is LineKind.BONUS else net, 0, False,
    ]  # fmt: skip
