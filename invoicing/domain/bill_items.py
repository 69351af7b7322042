"""
What goes into a bill and what comes out: plain tuples with names.

Named tuples instead of dataclasses, because a bill run makes millions of them and they take a third of the time.
Amounts of usage and prices are micro units, everything on the bill is minor units of the account's currency.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from billing_site.core.money import RoundingMode
from billing_site.core.periods import DatePeriod
from invoicing.domain.proration import ProrationPolicy
from tariffs.domain.promotions import PromotionKind

# Figures behind a line, as they are kept beside it.
Reason = Mapping[str, int | str | None]


class LineKind(StrEnum):
    """Why a line is on the bill, in the order in which lines stand there."""

    RECURRING = "RECURRING"
    ONE_OFF = "ONE_OFF"
    USAGE = "USAGE"
    CORRECTION = "CORRECTION"
    DISCOUNT = "DISCOUNT"
    PROMOTION = "PROMOTION"
    COMMITMENT = "COMMITMENT"
    LEAVING_FEE = "LEAVING_FEE"
    BONUS = "BONUS"
    TAKEN_OVER = "TAKEN_OVER"
    TAKEN_ON = "TAKEN_ON"
    ROUNDING = "ROUNDING"


class RecurringItem(NamedTuple):
    """
    A recurring price for a part of a period (see ``recurring_charges.due_parts``); a negative quantity gives money
    back. ``includes_tax`` says that its tax is in the price, here as in the other items.

    Where ``of_days`` is not zero the part costs ``days / of_days`` of the price, whatever the policy (see ``fees``).
    """

    subscription_id: int
    bill_item_id: int
    tax_category_id: int
    plan_version_id: int | None
    price_micro: int
    quantity: int
    start_on: date
    until_on: date
    period_start_on: date
    period_until_on: date
    policy: ProrationPolicy = ProrationPolicy.CALENDAR_DAYS
    days: int = 0
    of_days: int = 0
    feature_id: int | None = None
    includes_tax: bool = False


class OneOffItem(NamedTuple):
    """
    A single price: activation, equipment, a fee. ``source_id`` is the charge that somebody entered, if one did; it may
    be the account's, without a subscription.
    """

    subscription_id: int | None
    bill_item_id: int
    tax_category_id: int
    plan_version_id: int | None
    price_micro: int
    quantity: int
    charged_on: date
    source_id: int | None = None
    includes_tax: bool = False


class UsageTotal(NamedTuple):
    """
    Rated usage of one subscription for one bill item in one bill period, as rating keeps it; or what a re-rating
    changed of it, which may be negative: its days are those of the period that it corrects.

    ``quantity`` is in the base unit of ``unit`` (seconds, bytes, events); the day before ``until_on`` decides the tax
    rate. ``source_id`` is the total's own id.
    """

    subscription_id: int
    bill_item_id: int
    tax_category_id: int
    plan_version_id: int | None
    amount_micro: int
    records: int
    quantity: int
    unit: str
    start_on: date
    until_on: date
    source_id: int | None = None
    includes_tax: bool = False


class Discount(NamedTuple):
    """
    A percentage off the net of some bill items (``bill_item_ids`` empty = all), in parts per million; or an amount off
    all of them together, where ``amount_micro`` is given.

    Discounts work in order of ``priority``, each on what the earlier ones left. ``subscription_id`` limits it to one
    subscription. ``reason`` has the figures of a discount that a group has by its volume.
    """

    discount_id: int
    rate_ppm: int
    bill_item_ids: frozenset[int] = frozenset()
    priority: int = 0
    subscription_id: int | None = None
    amount_micro: int = 0
    reason: Reason = {}


class PeriodDiscounts(NamedTuple):
    """The discounts that an account has in a bill period: those that hold on its last day."""

    period: DatePeriod
    discounts: Sequence[Discount]


class Promotion(NamedTuple):
    """
    A promotion as it was agreed for one subscription, or for every one of the account (``subscription_id`` empty).

    ``credited_item_ids`` are the bill items that it gives back, ``rent_item_ids`` those that bound it; ``rate_ppm``
    counts for a percentage and ``amount_micro`` for an amount. ``reason`` says what was agreed and when.
    """

    agreement_id: int
    kind: PromotionKind
    subscription_id: int | None
    during: DatePeriod
    credited_item_ids: frozenset[int]
    rent_item_ids: frozenset[int] = frozenset()
    rate_ppm: int = 0
    amount_micro: int = 0
    priority: int = 0
    reason: Reason = {}


class CommitmentPart(NamedTuple):
    """
    The days of a bill period on which a subscription has a minimum commitment: ``amount_micro`` (net) is that of the
    whole period, ``counted_item_ids`` what counts towards it (empty = everything).
    """

    commitment_id: int
    subscription_id: int
    bill_item_id: int
    tax_category_id: int
    amount_micro: int
    start_on: date
    until_on: date
    period_start_on: date
    period_until_on: date
    counted_item_ids: frozenset[int] = frozenset()


class CashUnit(NamedTuple):
    """What totals are rounded to, in minor units, and the bill item (of a category without tax) that says so."""

    unit_minor: int
    mode: RoundingMode
    bill_item_id: int
    tax_category_id: int


class ContractCharge(NamedTuple):
    """
    A bonus or a fee that a contract brings on a day: ``amount_micro / denominator``, a positive amount either way.

    ``kind`` is ``BONUS`` or ``LEAVING_FEE``, ``reason`` the figures behind it.
    """

    kind: LineKind
    contract_id: int
    subscription_id: int
    bill_item_id: int
    tax_category_id: int
    amount_micro: int
    denominator: int
    charged_on: date
    reason: Reason


class BillLine(NamedTuple):
    """
    One line with what explains it: ``quantity`` x ``unit_price_micro`` x ``days / of_days``, rounded once to
    ``net_minor``.

    For usage ``unit_price_micro`` is ``None`` (records have their own prices), ``records`` is how many and
    ``source_id`` the total; for a discount ``source_id`` is the discount and ``unit_price_micro`` its base in micro
    units. For a promotion ``source_id`` is the agreement, for a bonus or a leaving fee the contract, for a minimum the
    commitment. Where the price includes tax, the gross is the price and ``net_minor`` what is left of it.
    """

    position: int
    kind: LineKind
    subscription_id: int | None
    bill_item_id: int
    plan_version_id: int | None
    start_on: date
    until_on: date
    quantity: int
    unit: str
    unit_price_micro: int | None
    days: int
    of_days: int
    records: int
    source_id: int | None
    tax_category_id: int
    tax_rate_ppm: int
    net_minor: int
    tax_minor: int
    includes_tax: bool = False


class TaxTotal(NamedTuple):
    """The tax of one category at one rate."""

    tax_category_id: int
    rate_ppm: int
    net_minor: int
    tax_minor: int


class Bill(NamedTuple):
    """
    A whole bill; ``net + tax = gross`` and both equal the sums of the lines and of the taxes.

    ``reasons`` belong to the lines of promotions, commitments and contracts, in the order of these; ``notes`` to
    other lines, by position.
    """

    account_id: int
    lines: tuple[BillLine, ...]
    taxes: tuple[TaxTotal, ...]
    net_minor: int
    tax_minor: int
    gross_minor: int
    reasons: tuple[Reason, ...] = ()
    notes: Mapping[int, Reason] = {}
