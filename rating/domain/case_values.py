"""What worked examples of the form ``telecom-billing-cases/1`` are made of: numbers, days and instants."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from billing_site.core.errors import BillingError
from billing_site.core.money import decimal_to_micro, round_half_up

JsonObject = Mapping[str, Any]

_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
MOST_DIGITS = 24


class CaseNotSupported(BillingError):
    """A case asks for something that our tariffs cannot express; the sentence says what."""

    default_code = "CASE_NOT_SUPPORTED"


def refuse_other_keys(found: JsonObject, *, known: Iterable[str], where: str) -> None:
    """
    Refuse a case that says more than we read: a field we pass over could change the result.

    :raises CaseNotSupported: naming the fields
    """
    read = set(known)
    others = sorted(set(found) - read)
    if others:
        msg = f"{where}: unknown fields {', '.join(others)}; known are {', '.join(sorted(read))}"
        raise CaseNotSupported(msg)


def decimal_in(value: object, *, where: str) -> Decimal:
    """
    Read a decimal string or an integer of a case.

    :raises CaseNotSupported: for anything else
    """
    is_bool = isinstance(value, bool)
    try:
        number = Decimal(value) if isinstance(value, (str, int)) and not is_bool and str(value).isascii() else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite() or not _is_usual(number):
        msg = f"{where}: {value!r} is not a decimal"
        raise CaseNotSupported(msg)
    return number


def _is_usual(number: Decimal) -> bool:
    """Say whether a number has no more digits before and behind the point than any amount or quantity."""
    exponent = number.as_tuple().exponent
    return int(exponent) >= -MOST_DIGITS and number.adjusted() < MOST_DIGITS


def whole_in(value: object, *, where: str, scale: int = 1) -> int:
    """
    Read a whole number of a case, after multiplication by ``scale``.

    :raises CaseNotSupported: if it is not whole
    """
    number = decimal_in(value, where=where) * scale
    if number != int(number):
        msg = f"{where}: {value!r} is not a whole number"
        raise CaseNotSupported(msg)
    return int(number)


def length_in(value: object, *, where: str, scale: int = 1) -> int:
    """
    Read a whole number of one or more, after multiplication by ``scale``.

    :raises CaseNotSupported: if it is none
    """
    length = whole_in(value, where=where, scale=scale)
    if length < 1:
        msg = f"{where}: {value!r} is not above zero"
        raise CaseNotSupported(msg)
    return length


def scale_of(values: Iterable[tuple[str, object]]) -> int:
    """Return the power of ten that makes every quantity of a case whole, each given with its field."""
    places = [-int(decimal_in(value, where=where).normalize().as_tuple().exponent) for where, value in values]
    return int(10 ** max([0, *places]))


def fraction_in(value: object, *, where: str) -> Fraction:
    """
    Read a fraction, cancelled or not, or a decimal.

    :raises CaseNotSupported: for anything else
    """
    try:
        return Fraction(str(value))
    except (ValueError, ZeroDivisionError) as error:
        msg = f"{where}: {str(value)[:40]!r} is not a fraction"
        raise CaseNotSupported(msg) from error


def given(value: object, *, default: object) -> object:
    """Return what a case says, or the default where it says nothing or null."""
    return default if value is None else value


def bool_in(found: object, *, where: str) -> bool:
    """
    Read a yes or no.

    :raises CaseNotSupported: for anything else
    """
    if not isinstance(found, bool):
        msg = f"{where}: {found!r} is not true or false"
        raise CaseNotSupported(msg)
    return found


def currency_in(found: object) -> None:
    """
    Pass over the currency that a case names: its amounts are in it, or in its minor units, and nothing is exchanged.

    :raises CaseNotSupported: if it is none
    """
    if found is not None and not (isinstance(found, str) and _CURRENCY.fullmatch(found)):
        msg = f"currency: {found!r} is not a currency"
        raise CaseNotSupported(msg)


def micro_in(value: object, *, where: str) -> int:
    """
    Read an amount of a case in micro units.

    :raises CaseNotSupported: if it has more than six decimals
    """
    amount = decimal_in(value, where=where)
    try:
        return decimal_to_micro(amount)
    except BillingError as error:
        msg = f"{where}: {error.message}"
        raise CaseNotSupported(msg) from error


def positive(value: int, *, where: str) -> int:
    """
    Pass on a number that cannot be below zero.

    :raises CaseNotSupported: if it is
    """
    if value < 0:
        msg = f"{where}: it is below zero"
        raise CaseNotSupported(msg)
    return value


def list_in(found: object, *, where: str) -> list[Any]:
    """
    Read a list.

    :raises TypeError: for anything else, such as a text, whose letters would be taken for its parts
    """
    if not isinstance(found, list):
        msg = f"{where}: {found!r} is not a list"
        raise TypeError(msg)
    return found


def instant_in(text: object) -> datetime:
    """
    Read an instant of a case.

    :raises CaseNotSupported: if it has no offset
    """
    moment = datetime.fromisoformat(str(text))
    if moment.tzinfo is None:
        msg = f"start: {text} has no offset"
        raise CaseNotSupported(msg)
    return moment


def written_day_in(found: object) -> date:
    """Read a day, or an instant, which is a day of the offset it is written with."""
    text = str(found)
    return instant_in(text).date() if "T" in text else date.fromisoformat(text)


def plain(value: Decimal) -> str:
    """Write a decimal without exponent and trailing zeros, so that equal values are equal texts."""
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in {"-0", ""} else text


def fraction_text(value: Fraction, *, places: int, like: Decimal = Decimal(0)) -> str:
    """Write a fraction with so many places, or with as many as another value is written with, if those are more."""
    places = max(places, -int(like.as_tuple().exponent))
    rounded = round_half_up(numerator=value.numerator * int(10**places), denominator=value.denominator)
    return plain(Decimal(f"{rounded}E-{places}"))
