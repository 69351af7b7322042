"""
Which plan is the cheapest for a use: every plan prices the same usage through the rating core, with its fees.

A need that was only told (minutes, messages, bytes) becomes a representative month: calls of three minutes, one after
the other over the working days, those of the day from 9 o'clock and those of the evening from 21 o'clock on. The same
need always becomes the same calls, and more of a need adds calls and takes none away. Amounts are micro units before
tax, exactly as records would be rated.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum

from billing_site.core.errors import BillingError
from billing_site.core.messages import Message, gettext_noop
from billing_site.core.periods import DatePeriod
from billing_site.core.quantities import SECONDS_PER_MINUTE, Unit
from rating.domain.allowances import Holder, Pots, charge_with_allowances
from rating.domain.pricing import NoPrice
from tariffs.domain.price_book import PlanPrices

CALL_SECONDS = 3 * SECONDS_PER_MINUTE
# From the beginning of one call of a line to that of the next on the same day.
CALL_SPACING = timedelta(minutes=5)
DAY_BEGINS, EVENING_BEGINS = time(9), time(21)
WORKING_DAYS = frozenset(range(1, 6))
# What one question may price: the lines of an account, and its usage in all.
MAX_LINES = 100
MAX_USAGE = 20_000
ONE_ACCOUNT = 0
NO_RATE = gettext_noop("The plan has no price for a part of this use.")


class UseTooLarge(BillingError):
    """More usage than one question may price."""

    default_message = gettext_noop("This is more use than can be priced at once: at most %(limit)s calls and messages.")
    default_code = "USE_TOO_LARGE"


class PartKind(StrEnum):
    """What a part of the cost is for."""

    FEE = "FEE"
    USAGE = "USAGE"
    EXTRA = "EXTRA"
    BONUS = "BONUS"
    ONE_OFF = "ONE_OFF"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """A price that does not depend on use, for one line: every month, or once. ``names`` by language."""

    names: Mapping[str, str]
    amount_micro: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOffer:
    """
    A plan that can be had: its usage prices and its fees for one line. Usage of ``flat_units`` is not counted at all.
    """

    plan_id: int
    code: str
    names: Mapping[str, str]
    prices: PlanPrices
    monthly: tuple[Fee, ...] = ()
    one_off: tuple[Fee, ...] = ()
    flat_units: frozenset[Unit] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """
    One call, message or transfer of a line (any id) in the bill period that begins on ``period_start``.

    Without a zone it is of the first zone for which the plan prices its unit. ``others`` are the quantities in the
    units in which a plan may price it instead, where it has no rate for ``unit`` in the zone.
    """

    line: int
    zone_id: int | None
    started_at: datetime
    quantity: int
    unit: Unit = Unit.SECONDS
    others: Mapping[Unit, int] = field(default_factory=dict)
    period_start: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneNeed:
    """What one line needs of a zone in a month: ``evening`` of ``quantity`` is used in the evening."""

    zone_id: int | None
    quantity: int
    evening: int = 0
    unit: Unit = Unit.SECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class CostPart:
    """
    A part of a cost: so much of a fee, an extra or the usage of a zone, for all lines and months.

    ``units`` were used, ``allowance_units`` of them taken from allowances.
    """

    kind: PartKind
    names: Mapping[str, str] = field(default_factory=dict)
    zone_id: int | None = None
    unit: Unit | None = None
    units: int = 0
    allowance_units: int = 0
    amount_micro: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCost:
    """What a plan costs for the use over ``months``: its parts and their sum; or why it cannot be had for it."""

    offer: PlanOffer
    months: int
    parts: tuple[CostPart, ...] = ()
    total_micro: int = 0
    refusal: Message | None = None

    @property
    def one_off_micro(self) -> int:
        """What is paid once."""
        return sum(part.amount_micro for part in self.parts if part.kind is PartKind.ONE_OFF)

    @property
    def monthly_micro(self) -> int:
        """
        What an average month costs besides; exact, because fees are the same every month and the months of usage
        repeat, down to the part of a micro unit that is left off.
        """
        return (self.total_micro - self.one_off_micro) // self.months


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """
    For how long and with what: ``lines`` lines for ``months`` months, each with the extras ``extras`` a month.

    ``bonus_of`` gives what a contract of so many months takes off a month of one line of a plan, in micro units.
    """

    lines: int
    months: int
    extras: tuple[Fee, ...] = ()
    bonus_of: Callable[[PlanOffer, int], int] = field(default=lambda _offer, _months: 0)


def representative_month(
    needs: Sequence[ZoneNeed], *, lines: int, month: DatePeriod, zone: tzinfo
) -> tuple[Usage, ...]:
    """
    Return the usage of a month that stands for a need, in order of time.

    :param month: a bill period with an end
    :raises UseTooLarge: if it would be more than ``MAX_USAGE`` or of more than ``MAX_LINES`` lines
    """
    counted = lines * sum(_count(need) for need in needs)
    if lines > MAX_LINES or counted > MAX_USAGE:
        raise UseTooLarge(context={"limit": MAX_USAGE})
    days = [day for day in _days_of(month) if day.isoweekday() in WORKING_DAYS]
    found = [
        usage
        for line in range(1, lines + 1)
        for need in needs
        for usage in _usage_of(need, line=line, days=days, period_start=month.start, zone=zone)
    ]
    return tuple(sorted(found, key=_time_of))


def cost_of(offer: PlanOffer, *, usage: Iterable[Usage], usage_months: int, terms: Terms) -> PlanCost:
    """
    Return what a plan costs over the terms if the usage, which covers ``usage_months`` months, goes on like that.

    The months of the terms are a multiple of ``usage_months``, so the cost of usage multiplies exactly.

    :param usage: in order of time
    :raises ValueError: if the months do not divide
    """
    times, rest = divmod(terms.months, usage_months)
    if rest:
        msg = f"{terms.months} months are not a multiple of {usage_months}"
        raise ValueError(msg)
    try:
        used = _priced(offer, usage, times)
    except NoPrice:
        return PlanCost(offer=offer, months=terms.months, refusal=Message(msgid=NO_RATE))
    parts = (
        *_fees(PartKind.FEE, offer.monthly, terms.lines * terms.months),
        *used,
        *_fees(PartKind.EXTRA, terms.extras, terms.lines * terms.months),
        *_bonus(offer, terms),
        *_fees(PartKind.ONE_OFF, offer.one_off, terms.lines),
    )
    return PlanCost(offer=offer, months=terms.months, parts=parts, total_micro=sum(part.amount_micro for part in parts))


def advise(
    offers: Iterable[PlanOffer], *, usage: Sequence[Usage], usage_months: int, terms: Terms
) -> tuple[PlanCost, ...]:
    """
    Return the cost of every plan, the cheapest first (then by code); plans that do not fit the use come last.

    :param usage: in order of time, of ``usage_months`` months
    :raises ValueError: if the months of the terms are not a multiple of those of the usage
    """
    costs = [cost_of(offer, usage=usage, usage_months=usage_months, terms=terms) for offer in offers]
    return tuple(sorted(costs, key=lambda cost: (cost.refusal is not None, cost.total_micro, cost.offer.code)))


def _priced(offer: PlanOffer, usage: Iterable[Usage], times: int) -> tuple[CostPart, ...]:
    """Price usage in order of time, its allowances by bill period; the sums are by zone and unit."""
    pots = Pots()
    sums: dict[tuple[Unit, int], list[int]] = {}
    for one in usage:
        zone_id = _zone_of(offer, one)
        unit = offer.prices.unit_for(zone_id=zone_id, candidates=(one.unit, *one.others))
        quantity = one.quantity if unit is one.unit else one.others[unit]
        taken, amount_micro = quantity, 0
        if unit not in offer.flat_units:
            allowed = charge_with_allowances(
                prices=offer.prices,
                zone_id=zone_id,
                started_at=one.started_at,
                quantity=quantity,
                holder=Holder(subscription_id=one.line, account_id=ONE_ACCOUNT, period_start=one.period_start),
                pots=pots,
                unit=unit,
            )
            taken, amount_micro = allowed.allowance_units, allowed.amount_micro
        found = sums.setdefault((unit, zone_id), [0, 0, 0])
        for place, value in enumerate((quantity, taken, amount_micro)):
            found[place] += value * times
    return tuple(
        CostPart(
            kind=PartKind.USAGE,
            zone_id=zone_id or None,
            unit=unit,
            units=units,
            allowance_units=allowance_units,
            amount_micro=amount_micro,
        )
        for (unit, zone_id), (units, allowance_units, amount_micro) in sorted(sums.items())
    )


def _zone_of(offer: PlanOffer, usage: Usage) -> int:
    """Return the zone of usage, 0 where the plan does not count it; it may be any that the plan prices."""
    if usage.zone_id is not None:
        return usage.zone_id
    if usage.unit in offer.flat_units:
        return 0
    zones = [zone_id for unit, zone_id, _ in offer.prices.rates if unit is usage.unit]
    if not zones:
        raise NoPrice(NO_RATE)
    return min(zones)


def _fees(kind: PartKind, fees: Iterable[Fee], times: int) -> Iterator[CostPart]:
    for fee in fees:
        yield CostPart(kind=kind, names=fee.names, amount_micro=fee.amount_micro * times)


def _bonus(offer: PlanOffer, terms: Terms) -> Iterator[CostPart]:
    off_micro = terms.bonus_of(offer, terms.months) * terms.lines * terms.months
    if off_micro:
        yield CostPart(kind=PartKind.BONUS, amount_micro=-off_micro)


def _count(need: ZoneNeed) -> int:
    """Return how many calls or events a need becomes."""
    if need.unit is Unit.SECONDS:
        return sum(-(-part // CALL_SECONDS) for part in (need.quantity - need.evening, need.evening))
    return need.quantity if need.unit is Unit.EVENTS else 1


def _usage_of(need: ZoneNeed, *, line: int, days: Sequence[date], period_start: date, zone: tzinfo) -> Iterator[Usage]:
    size = CALL_SECONDS if need.unit is Unit.SECONDS else 1
    if need.unit is Unit.BYTES:
        size = max(need.quantity, 1)
    for begins, quantity in ((DAY_BEGINS, need.quantity - need.evening), (EVENING_BEGINS, need.evening)):
        for number in range(-(-quantity // size)):
            start = datetime.combine(days[number % len(days)], begins, tzinfo=zone).astimezone(UTC)
            yield Usage(
                line=line,
                zone_id=need.zone_id,
                started_at=start + number // len(days) * CALL_SPACING,
                quantity=min(size, quantity - number * size),
                unit=need.unit,
                period_start=period_start,
            )


def _days_of(month: DatePeriod) -> Iterator[date]:
    day = month.start
    while month.contains(day):
        yield day
        day += timedelta(days=1)


def _time_of(usage: Usage) -> tuple[datetime, int, int]:
    return (usage.started_at, usage.line, usage.zone_id or 0)
