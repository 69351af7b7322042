"""
Money as integers, and the only place where an amount is rounded.

Two scales are in use: *minor units* of a currency (its ISO 4217 digits; invoices, payments, ledger) and *micro
units*, millionths of the major unit (rated usage). Between them and ``Decimal`` there are only the functions below.
Nothing here knows floats.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import StrEnum

from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop

MICRO_PLACES = 6
MICRO_PER_MAJOR = 10**MICRO_PLACES
DEFAULT_CURRENCY_DIGITS = 2

# ISO 4217 gives two digits to every currency in use but these.
_ISO_DIGITS: Mapping[str, int] = (
    dict.fromkeys(
        (
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "UYI",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ),
        0,
    )
    | dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3)
    | dict.fromkeys(("CLF", "UYW"), 4)
)
_digits_by_operator: dict[str, int] = {}
_CURRENCY_CODE = re.compile(r"[A-Z]{3}", re.ASCII)


class RoundingMode(StrEnum):
    """How a remainder is dropped. Every mode works on the magnitude; the sign is put back afterwards."""

    HALF_UP = "HALF_UP"
    HALF_EVEN = "HALF_EVEN"
    HALF_DOWN = "HALF_DOWN"
    UP = "UP"
    DOWN = "DOWN"


# Looked up once: members of an enumeration are found by a call each time, and a bill run rounds millions of times.
_HALF_UP = RoundingMode.HALF_UP


class AmountNotExact(BillingError):
    """An amount has more decimals than the place it is meant for can hold."""

    default_code = "AMOUNT_NOT_EXACT"


class UnknownCurrency(BillingError):
    """A currency code that is not three capital letters."""

    default_code = "UNKNOWN_CURRENCY"


def round_quotient(*, numerator: int, denominator: int, mode: RoundingMode = _HALF_UP) -> int:
    """
    Divide two integers and round the quotient to an integer.

    :param numerator: any integer
    :param denominator: any integer but zero
    :param mode: what happens to the remainder, judged on the magnitude
    :raises ZeroDivisionError: if the denominator is zero
    """
    magnitude = abs(denominator)
    if mode is _HALF_UP:
        # One division for all of them: bill runs come this way millions of times.
        if numerator >= 0 < denominator:
            return (2 * numerator + denominator) // (2 * denominator)
        whole = (2 * abs(numerator) + magnitude) // (2 * magnitude)
    else:
        whole, rest = divmod(abs(numerator), magnitude)
        if rest and _goes_up(whole=whole, twice_rest=2 * rest, denominator=magnitude, mode=mode):
            whole += 1
    return -whole if (numerator < 0) != (denominator < 0) else whole


def _goes_up(*, whole: int, twice_rest: int, denominator: int, mode: RoundingMode) -> bool:
    """Say whether a magnitude with a remainder goes to the next integer."""
    if mode is RoundingMode.UP:
        return True
    if mode is RoundingMode.DOWN:
        return False
    if mode is RoundingMode.HALF_DOWN:
        return twice_rest > denominator
    return twice_rest > denominator or (twice_rest == denominator and whole % 2 == 1)


def round_half_up(*, numerator: int, denominator: int) -> int:
    """Divide two integers, half away from zero: the rounding of bills, taxes and shares."""
    return round_quotient(numerator=numerator, denominator=denominator, mode=_HALF_UP)


def round_amount(value: Decimal, *, places: int, mode: RoundingMode = RoundingMode.HALF_UP) -> Decimal:
    """
    Round a decimal to a number of places, whatever the precision of the active decimal context.

    :param places: decimals kept; a negative number rounds to tens, hundreds, ...
    :raises AmountNotExact: if the value is not a finite number
    """
    numerator, denominator = _ratio(value)
    if places >= 0:
        return _scaled(
            round_quotient(numerator=numerator * 10**places, denominator=denominator, mode=mode), places=places
        )
    unit = int(10**-places)
    return Decimal(round_quotient(numerator=numerator, denominator=denominator * unit, mode=mode) * unit)


def round_micro(*, numerator: int, denominator: int, places: int, mode: RoundingMode = RoundingMode.HALF_UP) -> int:
    """
    Round an exact amount, given as a fraction of micro units, to ``places`` decimals of the major unit and return
    micro units.

    :param places: 0 to 6 decimals of the major unit
    :raises ValueError: if ``places`` is outside 0..6
    """
    if not 0 <= places <= MICRO_PLACES:
        msg = f"places must be 0..{MICRO_PLACES}, got {places}"
        raise ValueError(msg)
    unit = int(10 ** (MICRO_PLACES - places))
    return round_quotient(numerator=numerator, denominator=denominator * unit, mode=mode) * unit


def micro_to_minor(amount_micro: int, *, digits: int, mode: RoundingMode = RoundingMode.HALF_UP) -> int:
    """
    Turn micro units into minor units of a currency with ``digits`` decimals.

    :param digits: 0 to 6
    """
    return round_quotient(numerator=amount_micro, denominator=micro_per_minor(digits=digits), mode=mode)


def minor_to_micro(amount_minor: int, *, digits: int) -> int:
    """Turn minor units into micro units; always exact."""
    return amount_minor * micro_per_minor(digits=digits)


def micro_per_minor(*, digits: int) -> int:
    """
    Return how many micro units make one minor unit of a currency with ``digits`` decimals.

    :raises ValueError: if ``digits`` is outside 0..6
    """
    if not 0 <= digits <= MICRO_PLACES:
        msg = f"digits must be 0..{MICRO_PLACES}, got {digits}"
        raise ValueError(msg)
    return int(10 ** (MICRO_PLACES - digits))


def minor_to_decimal(amount_minor: int, *, digits: int) -> Decimal:
    """Show minor units as a decimal of the major unit with exactly ``digits`` decimals."""
    return _scaled(amount_minor, places=digits)


def micro_to_decimal(amount_micro: int) -> Decimal:
    """Show micro units as a decimal of the major unit with six decimals."""
    return _scaled(amount_micro, places=MICRO_PLACES)


def decimal_to_minor(value: Decimal, *, digits: int) -> int:
    """
    Turn a decimal of the major unit into minor units.

    :raises AmountNotExact: if it has more than ``digits`` significant decimals or is not finite
    """
    return _exact_units(value, places=digits)


def decimal_to_micro(value: Decimal) -> int:
    """
    Turn a decimal of the major unit into micro units.

    :raises AmountNotExact: if it has more than six significant decimals or is not finite
    """
    return _exact_units(value, places=MICRO_PLACES)


def split_by_weights(total: int, weights: Sequence[int]) -> tuple[int, ...]:
    """
    Share a whole number out in proportion to weights, by largest remainder.

    The parts sum to ``total``; equal remainders are served in order of position. A negative total is shared as its
    magnitude. Where all weights are zero the total is shared evenly, the first positions taking the remainder.

    :param weights: integers of zero or more, at least one unless the total is zero
    :raises ValueError: for a negative weight, or no weight and a total other than zero
    """
    if any(weight < 0 for weight in weights):
        msg = "a weight is negative"
        raise ValueError(msg)
    if not weights:
        if total:
            msg = "there is nothing to share the total over"
            raise ValueError(msg)
        return ()
    effective = weights if any(weights) else [1] * len(weights)
    whole_weight = sum(effective)
    sign = -1 if total < 0 else 1
    shares = [divmod(abs(total) * weight, whole_weight) for weight in effective]
    parts = [quotient for quotient, _ in shares]
    left = abs(total) - sum(parts)
    by_remainder = sorted(range(len(shares)), key=lambda position: (-shares[position][1], position))
    for position in by_remainder[:left]:
        parts[position] += 1
    result = tuple(sign * part for part in parts)
    assert sum(result) == total, "the parts do not sum to the whole"
    return result


def currency_digits(code: str) -> int:
    """
    Return the decimals of a currency: the operator's own choice where one is configured, else ISO 4217.

    :raises UnknownCurrency: if the code is not three capital letters
    """
    if not _CURRENCY_CODE.fullmatch(code):
        raise UnknownCurrency(
            gettext_noop("“%(code)s” is not a currency code of three capital letters."), context={"code": code}
        )
    if code in _digits_by_operator:
        return _digits_by_operator[code]
    return _ISO_DIGITS.get(code, DEFAULT_CURRENCY_DIGITS)


def configure_currency_digits(*, digits: Mapping[str, int]) -> None:
    """
    Set the decimals that this operator uses where they differ from ISO 4217 (a currency whose cents are no longer
    used).

    Called once at start-up with the settings; replaces what was configured before.
    """
    for places in digits.values():
        micro_per_minor(digits=places)
    _digits_by_operator.clear()
    _digits_by_operator.update(digits)


def _ratio(value: Decimal) -> tuple[int, int]:
    """Return a finite decimal as an exact fraction."""
    if not value.is_finite():
        raise AmountNotExact(gettext_noop("“%(value)s” is not a finite amount."), context={"value": value})
    return value.as_integer_ratio()


def _scaled(units: int, *, places: int) -> Decimal:
    """Build a decimal from units of 10^-places without touching the decimal context."""
    digits = tuple(map(int, str(abs(units))))
    return Decimal((1 if units < 0 else 0, digits, -places))


def _exact_units(value: Decimal, *, places: int) -> int:
    """Return a decimal in units of 10^-places or refuse it."""
    numerator, denominator = _ratio(value)
    units, rest = divmod(numerator * int(10**places), denominator)
    if rest:
        raise AmountNotExact(
            gettext_noop("%(value)s has more than %(places)s decimals."), context={"value": value, "places": places}
        )
    return units
