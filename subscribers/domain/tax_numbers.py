"""
Numbers in the tax register: how each country writes them.

The rules are data: a form, and digits that check the others. A country without a row takes what could be a number
anywhere. A number is kept with the letters of its country before it, as electronic bills name it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from billing_site.core.digits import to_ascii_digits
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop

MAX_TAX_ID = 24
_DIGITS = "0123456789"
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
_BETWEEN = re.compile(r"[\s./-]")


class TaxNumberUnsound(BillingError):
    """It is not a number of that country."""

    default_message = gettext_noop("%(number)s is not a number in the tax register of %(country)s.")
    default_code = "TAX_NUMBER_UNSOUND"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckDigit:
    """
    A place that checks the ones before it: the sum of their values by ``weights``, modulo ``modulo``.

    :param length: of the numbers that have it
    :param is_complement: what is missing to ``modulo`` instead of what is left over
    """

    length: int
    at: int
    weights: Sequence[int]
    modulo: int
    is_complement: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxNumberRule:
    """
    How a country writes the number of a company: a pattern of all of it, what may stand in it, and what is checked.

    :param letters: what stands before the number on electronic bills, where it is not the country's own code
    """

    pattern: str
    alphabet: str = _DIGITS
    checks: tuple[CheckDigit, ...] = ()
    letters: str = ""


ANYWHERE = TaxNumberRule(pattern="[0-9A-Z+*]{2,20}")
RULES: Mapping[str, TaxNumberRule] = {
    "AE": TaxNumberRule(pattern="100[0-9]{12}"),
    "AM": TaxNumberRule(pattern="[0-9]{8}"),
    "BY": TaxNumberRule(pattern="[0-9]{9}"),
    "CN": TaxNumberRule(
        pattern="[0-9A-HJ-NPQRTUWXY]{18}",
        alphabet="0123456789ABCDEFGHJKLMNPQRTUWXY",
        checks=(
            CheckDigit(length=18, at=17, weights=[3**place % 31 for place in range(17)], modulo=31, is_complement=True),
        ),
    ),
    "DE": TaxNumberRule(pattern="[0-9]{9}"),
    "GE": TaxNumberRule(pattern="[0-9]{9}|[0-9]{11}"),
    "GR": TaxNumberRule(pattern="[0-9]{9}", letters="EL"),
    "KZ": TaxNumberRule(pattern="[0-9]{12}"),
    "RU": TaxNumberRule(
        pattern="[0-9]{10}|[0-9]{12}",
        checks=(
            CheckDigit(length=10, at=9, weights=[2, 4, 10, 3, 5, 9, 4, 6, 8], modulo=11),
            CheckDigit(length=12, at=10, weights=[7, 2, 4, 10, 3, 5, 9, 4, 6, 8], modulo=11),
            CheckDigit(length=12, at=11, weights=[3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8], modulo=11),
        ),
    ),
}


def tax_id_of(*, country: str, number: str) -> str:
    """
    Return a number as it is kept: in capitals, without what people write between, the country's letters before it.

    :param country: two letters of ISO 3166; they may stand before the number too
    :raises TaxNumberUnsound: if it is not a number of the country
    """
    land, kept = country.strip().upper(), _BETWEEN.sub("", to_ascii_digits(number)).upper()
    rule = RULES.get(land, ANYWHERE)
    letters = rule.letters or land
    kept = kept.removeprefix(letters)
    if not _COUNTRY.fullmatch(land) or not re.fullmatch(rule.pattern, kept, re.ASCII) or not _is_checked(kept, rule):
        raise TaxNumberUnsound(context={"number": number.strip()[:MAX_TAX_ID], "country": land[:2]})
    return letters + kept


def split_tax_id(tax_id: str) -> tuple[str, str]:
    """Return country and number of what ``tax_id_of`` made, to be typed anew; both empty of nothing."""
    letters, number = tax_id[:2], tax_id[2:]
    return next((land for land, rule in RULES.items() if rule.letters and rule.letters == letters), letters), number


def _is_checked(number: str, rule: TaxNumberRule) -> bool:
    values = [rule.alphabet.find(char) for char in number]
    return all(_value(values, check) == values[check.at] for check in rule.checks if check.length == len(number))


def _value(values: Sequence[int], check: CheckDigit) -> int:
    left = sum(value * weight for value, weight in zip(values, check.weights, strict=False)) % check.modulo
    if check.is_complement:
        return (check.modulo - left) % check.modulo
    return left % len(_DIGITS)
