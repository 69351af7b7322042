"""What a draft must satisfy before anything of it is written; a refusal names the rate, tier or allowance."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import chain

from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.money import MICRO_PLACES
from tariffs.operations.amounts import check_amount
from tariffs.operations.draft_inputs import NewAllowance, NewPrice, NewRate
from tariffs.operations.rate_checks import LARGEST_UNITS, check_rate


class RateDoubled(BillingError):
    """Two rates for one place."""

    default_message = gettext_noop("Rates %(first)s and %(second)s both price zone %(zone)s in the same window.")
    default_code = "RATE_DOUBLED"


class RateModelsMixed(BillingError):
    """A call could run from a standard rate into one that prices whole calls."""

    default_message = gettext_noop(
        "Rates %(first)s and %(second)s price zone %(zone)s: either both are standard or none is."
    )
    default_code = "RATE_MODELS_MIXED"


class CounterUnitsMixed(BillingError):
    """Seconds and bytes cannot be counted together."""

    default_message = gettext_noop("Rates %(first)s and %(second)s share counter %(counter)s but count other units.")
    default_code = "COUNTER_UNITS_MIXED"


class CodeRepeated(BillingError):
    """Two parts of a version with one code."""

    default_message = gettext_noop("Code %(code)s is given twice in this version.")
    default_code = "CODE_REPEATED"


class RoundingTooFine(BillingError):
    """More decimals than a rated record keeps."""

    default_message = gettext_noop("A record is rounded to at most six decimals, not to %(places)s.")
    default_code = "ROUNDING_TOO_FINE"


class PriceDoubled(BillingError):
    """Two prices of one kind for one item."""

    default_message = gettext_noop("Bill item %(item)s has two prices of one kind in this version.")
    default_code = "PRICE_DOUBLED"


class AllowanceQuantityUnsound(BillingError):
    """Nothing would be included, or more than a column holds."""

    default_message = gettext_noop("Allowance %(allowance)s: %(quantity)s is no quantity that can be included.")
    default_code = "ALLOWANCE_QUANTITY_UNSOUND"


class AllowanceOrderUnclear(BillingError):
    """Two allowances would be used first."""

    default_message = gettext_noop("Allowances %(first)s and %(second)s have the same place %(priority)s in the order.")
    default_code = "ALLOWANCE_ORDER_UNCLEAR"


class AllowancePeriodUnsound(BillingError):
    """It could never be used."""

    default_message = gettext_noop("Allowance %(allowance)s can be used on no day of this version.")
    default_code = "ALLOWANCE_PERIOD_UNSOUND"


class RolloverUnsound(BillingError):
    """A limit of something that is not carried over, or a negative one."""

    default_message = gettext_noop(
        "Allowance %(allowance)s: a limit of what is carried over is 0 or more, and only where it is carried over."
    )
    default_code = "ROLLOVER_UNSOUND"


def check_draft(
    *,
    prices: Sequence[NewPrice],
    rates: Sequence[NewRate],
    rounding_places: int,
    allowances: Sequence[NewAllowance] = (),
    valid_from: date | None = None,
    valid_until: date | None = None,
) -> None:
    """
    Refuse what cannot be charged, before anything is written.

    :raises AmountTooPrecise: for an amount with more than six decimals, by its name
    :raises AmountOutOfRange: for a negative or huge amount, or a maximum below the minimum
    :raises RateStepsUnsound: if the steps of a standard rate do not begin at 0 or rise
    :raises RateTiersUnsound: if the tiers of another rate do not fit its model, by the tier
    :raises RateChoiceUnknown: for a unit, model or scope that does not exist
    :raises RateModelUnsound: if unit, scope, free units or surcharge do not fit the model
    :raises RateDoubled: if two rates price the same zone, unit, category and window
    :raises RateModelsMixed: if a zone is standard in one rate and something else in another
    :raises CounterUnitsMixed: if rates that count together count other units
    :raises CodeRepeated: if two rates or two allowances have one code
    :raises PriceDoubled: if an item has two prices of one kind
    :raises RoundingTooFine: for more than six decimals
    :raises AllowanceQuantityUnsound: for an allowance of nothing
    :raises AllowanceOrderUnclear: if two allowances have one priority
    :raises AllowancePeriodUnsound: if an allowance can be used on no day of the version
    :raises RolloverUnsound: for a limit without roll-over, or a negative one
    """
    if rounding_places > MICRO_PLACES:
        raise RoundingTooFine(context={"places": rounding_places})
    _check_prices(prices)
    _check_codes(rate.code for rate in rates)
    for rate in rates:
        check_rate(rate)
    _check_together(rates)
    _check_codes(allowance.code for allowance in allowances)
    for allowance in allowances:
        _check_allowance(allowance, valid_from=valid_from, valid_until=valid_until)
    _check_order(allowances)


def _check_prices(prices: Sequence[NewPrice]) -> None:
    for price in prices:
        check_amount(price.amount, name=price.bill_item_code)
    for (_, item), count in Counter((price.kind, price.bill_item_code) for price in prices).items():
        if count > 1:
            raise PriceDoubled(context={"item": item})


def _check_codes(codes: Iterable[str]) -> None:
    for code, count in Counter(codes).items():
        if count > 1:
            raise CodeRepeated(context={"code": code})


def _check_together(rates: Sequence[NewRate]) -> None:
    """Refuse rates that contradict one another."""
    places: dict[tuple[str, str, str, str | None], NewRate] = {}
    kinds: dict[tuple[str, str], NewRate] = {}
    counters: dict[str, NewRate] = {}
    for rate in rates:
        other = places.setdefault((rate.zone_code, rate.unit, rate.category, rate.window_code), rate)
        if other is not rate:
            raise RateDoubled(context={"first": other.code, "second": rate.code, "zone": rate.zone_code})
        alike = kinds.setdefault((rate.zone_code, rate.unit), rate)
        if (alike.model == "STANDARD") != (rate.model == "STANDARD"):
            raise RateModelsMixed(context={"first": alike.code, "second": rate.code, "zone": rate.zone_code})
        counted = counters.setdefault(rate.counter_code, rate) if rate.counter_code else rate
        if counted.unit != rate.unit:
            named = {"first": counted.code, "second": rate.code, "counter": rate.counter_code}
            raise CounterUnitsMixed(context=named)


def _check_allowance(allowance: NewAllowance, *, valid_from: date | None, valid_until: date | None) -> None:
    named = {"allowance": allowance.code}
    if not 0 < allowance.quantity <= LARGEST_UNITS:
        raise AllowanceQuantityUnsound(context={**named, "quantity": allowance.quantity})
    limit = allowance.rollover_limit
    if limit is not None and not (allowance.rolls_over and 0 <= limit <= LARGEST_UNITS):
        raise RolloverUnsound(context=named)
    first = max(chain([date.min], (day for day in (valid_from, allowance.valid_from) if day is not None)))
    until = min(chain([date.max], (day for day in (valid_until, allowance.valid_until) if day is not None)))
    if first >= until:
        raise AllowancePeriodUnsound(context=named)


def _check_order(allowances: Sequence[NewAllowance]) -> None:
    order: dict[int, NewAllowance] = {}
    for allowance in allowances:
        other = order.setdefault(allowance.priority, allowance)
        if other is not allowance:
            named = {"first": other.code, "second": allowance.code, "priority": allowance.priority}
            raise AllowanceOrderUnclear(context=named)
