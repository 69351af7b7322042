"""
Guiding: which number is meant, and who held it when the usage began.

A normalised number is digits only: country code and national number (E.164 without the plus). A short code
(emergency, service) is written ``0`` and the code: no country code begins with 0, so neither an owner nor a prefix
can mistake it for a number of another country.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from billing_site.core.messages import Message, gettext_noop
from billing_site.core.periods import InstantPeriod

SHORT_CODE_MARK = "0"
MAX_INTERNATIONAL_LENGTH = 15
SHOWN_LENGTH = 40

_NOISE = re.compile(r"[ ()./\-]")
_DIGITS = re.compile(r"[0-9]+", re.ASCII)


class NumberKind(StrEnum):
    """How a number was written or what it is."""

    INTERNATIONAL = "INTERNATIONAL"
    NATIONAL = "NATIONAL"
    LOCAL = "LOCAL"
    SHORT_CODE = "SHORT_CODE"


class NumberFault(StrEnum):
    """Why a text is not a number of the plan."""

    NUMBER_EMPTY = "NUMBER_EMPTY"
    NUMBER_NOT_DIGITS = "NUMBER_NOT_DIGITS"
    NUMBER_TOO_SHORT = "NUMBER_TOO_SHORT"
    NUMBER_TOO_LONG = "NUMBER_TOO_LONG"
    NUMBER_LENGTH = "NUMBER_LENGTH"


_SENTENCES = {
    NumberFault.NUMBER_EMPTY: gettext_noop("The number is empty or withheld."),
    NumberFault.NUMBER_NOT_DIGITS: gettext_noop(
        "“%(text)s” is not a number: digits 0-9 with an optional leading + are expected."
    ),
    NumberFault.NUMBER_TOO_SHORT: gettext_noop("“%(text)s” is too short for a number and is not a known short code."),
    NumberFault.NUMBER_TOO_LONG: gettext_noop("“%(text)s” is longer than any telephone number."),
    NumberFault.NUMBER_LENGTH: gettext_noop("“%(text)s” has a length that no number of the plan has."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberingPlan:
    """
    How numbers are dialled and written in one country.

    ``country_code`` and ``national_lengths`` describe full national numbers; ``trunk_prefix`` is dialled before them
    at home, ``international_prefixes`` before foreign ones. ``local_lengths`` with ``area_code`` allow numbers
    dialled inside one area. ``short_codes`` are taken as they are. ``bare_international`` takes digits of any other
    length as a foreign number written without prefix; leave it off unless the source is known to write so.
    """

    country_code: str
    national_lengths: frozenset[int]
    trunk_prefix: str = "0"
    international_prefixes: tuple[str, ...] = ("00",)
    area_code: str = ""
    local_lengths: frozenset[int] = frozenset()
    short_codes: frozenset[str] = frozenset()
    withheld: frozenset[str] = frozenset({"anonymous", "unknown", "private", "restricted"})
    min_international_length: int = 7
    bare_international: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberReading:
    """What was read: the original, and either the normalised number and its kind or the fault."""

    original: str
    number: str = ""
    kind: NumberKind | None = None
    fault: NumberFault | None = None

    @property
    def message(self) -> Message | None:
        """Why the text was refused, as a sentence, or ``None``."""
        if self.fault is None:
            return None
        return Message(msgid=_SENTENCES[self.fault], params={"text": self.original[:SHOWN_LENGTH]})


def normalise_number(text: str, plan: NumberingPlan) -> NumberReading:
    """
    Read one number as a person dialled it or an exchange wrote it.

    The only place where numbers are normalised: usage files, search boxes and payment requests come here. It never
    raises; a text that cannot be a number of the plan has a ``fault``. Scripts other than ASCII are refused here;
    what people type passes ``core.digits`` first.
    """
    cleaned = _NOISE.sub("", text)
    if not cleaned or cleaned.lower() in plan.withheld:
        return NumberReading(original=text, fault=NumberFault.NUMBER_EMPTY)
    digits = cleaned.removeprefix("+")
    if not _DIGITS.fullmatch(digits):
        return NumberReading(original=text, fault=NumberFault.NUMBER_NOT_DIGITS)
    if cleaned.startswith("+"):
        return _international(text, digits, plan)
    if digits in plan.short_codes:
        return NumberReading(original=text, number=SHORT_CODE_MARK + digits, kind=NumberKind.SHORT_CODE)
    for prefix in sorted(plan.international_prefixes, key=len, reverse=True):
        if digits.startswith(prefix):
            return _international(text, digits[len(prefix) :], plan)
    return _national(text, digits, plan)


def _international(text: str, digits: str, plan: NumberingPlan) -> NumberReading:
    """Judge a number that begins with a country code; numbers of our own country must have a known length."""
    is_home = digits.startswith(plan.country_code)
    fault = _length_fault(digits, shortest=plan.min_international_length)
    if fault is None and (digits.startswith("0") or (is_home and not _is_full(digits, plan.country_code, plan))):
        fault = NumberFault.NUMBER_LENGTH
    if fault is not None:
        return NumberReading(original=text, fault=fault)
    return NumberReading(
        original=text, number=digits, kind=NumberKind.NATIONAL if is_home else NumberKind.INTERNATIONAL
    )


def _national(text: str, digits: str, plan: NumberingPlan) -> NumberReading:
    """Judge a number dialled without any international prefix."""
    home, trunk = plan.country_code, plan.trunk_prefix
    number, kind = "", NumberKind.NATIONAL
    if trunk and _is_full(digits, trunk, plan):
        number = home + digits[len(trunk) :]
    elif _is_full(digits, home, plan):
        number = digits
    elif len(digits) in plan.national_lengths and not (trunk and digits.startswith(trunk)):
        number = home + digits
    elif plan.area_code and len(digits) in plan.local_lengths:
        number, kind = home + plan.area_code + digits, NumberKind.LOCAL
    elif plan.bare_international and not digits.startswith(("0", home)):
        return _international(text, digits, plan)
    if number:
        return NumberReading(original=text, number=number, kind=kind)
    shortest = min(plan.national_lengths | plan.local_lengths, default=plan.min_international_length)
    return NumberReading(original=text, fault=_length_fault(digits, shortest=shortest) or NumberFault.NUMBER_LENGTH)


def _is_full(digits: str, prefix: str, plan: NumberingPlan) -> bool:
    """Say whether digits are a prefix and a full national number."""
    return digits.startswith(prefix) and len(digits) - len(prefix) in plan.national_lengths


def _length_fault(digits: str, *, shortest: int) -> NumberFault | None:
    if len(digits) < shortest:
        return NumberFault.NUMBER_TOO_SHORT
    return NumberFault.NUMBER_TOO_LONG if len(digits) > MAX_INTERNATIONAL_LENGTH else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A subscription that held a number during a period."""

    number: str
    subscription_id: int
    account_id: int
    period: InstantPeriod


@dataclass(frozen=True, slots=True)
class HoldingTable:
    """
    Finds who held a number at an instant.

    :raises ValueError: if two subscriptions held one number at the same time
    """

    holdings: tuple[Holding, ...]
    _by_number: dict[str, tuple[Holding, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Order the holdings of each number by time."""
        by_number: dict[str, list[Holding]] = {}
        for holding in sorted(self.holdings, key=_start_of):
            earlier = by_number.setdefault(holding.number, [])
            if earlier and earlier[-1].period.overlaps(holding.period):
                msg = f"number {holding.number} is held twice from {holding.period.start}"
                raise ValueError(msg)
            earlier.append(holding)
        object.__setattr__(self, "_by_number", {number: tuple(found) for number, found in by_number.items()})

    def holder_at(self, number: str, *, at: datetime) -> Holding | None:
        """
        Return who held a normalised number at an instant, or ``None``.

        :param at: start of the usage, with a zone
        """
        return find_holding(self._by_number.get(number, ()), at=at)


def find_holding(holdings: Iterable[Holding], *, at: datetime) -> Holding | None:
    """Return the holding in force at an instant, from holdings of one number in order of time."""
    ordered = holdings if isinstance(holdings, tuple) else tuple(holdings)
    found = bisect_right(ordered, at.astimezone(UTC), key=_start_of)
    if found and ordered[found - 1].period.contains(at.astimezone(UTC)):
        return ordered[found - 1]
    return None


def _start_of(holding: Holding) -> datetime:
    return holding.period.start
