"""Lengths of calls as exchanges write them, read strictly."""

import re
from collections.abc import Mapping
from enum import StrEnum

from billing_site.core.digits import NotDigits, parse_ascii_digits

MAX_SECONDS_DIGITS = 6
_SECONDS_PER_MINUTE = 60
_SECONDS_PER_HOUR = 3600
_MILLISECONDS = 1000


class DurationFormat(StrEnum):
    """How a source writes lengths: ``90``, ``90.5`` or ``90,5``, ``90500``, ``0:01:30``, ``1m30s``."""

    SECONDS = "SECONDS"
    DECIMAL = "DECIMAL"
    MILLISECONDS = "MILLISECONDS"
    CLOCK = "CLOCK"
    UNITS = "UNITS"


_WRITTEN: Mapping[DurationFormat, tuple[re.Pattern[str], tuple[int, ...]]] = {
    DurationFormat.DECIMAL: (re.compile(r"([0-9]{1,6})(?:[.,]([0-9]{1,9}))?", re.ASCII), (1,)),
    DurationFormat.CLOCK: (
        re.compile(r"(?:([0-9]{1,3}):)?([0-5]?[0-9]):([0-5][0-9])(?:[.,]([0-9]{1,9}))?", re.ASCII),
        (_SECONDS_PER_HOUR, _SECONDS_PER_MINUTE, 1),
    ),
    DurationFormat.UNITS: (
        re.compile(r"(?:([0-9]{1,3})h)?(?:([0-9]{1,4})m)?(?:([0-9]{1,6})(?:[.,]([0-9]{1,9}))?s)?", re.ASCII),
        (_SECONDS_PER_HOUR, _SECONDS_PER_MINUTE, 1),
    ),
}


def read_seconds(text: str, *, form: DurationFormat = DurationFormat.SECONDS) -> int:
    """
    Read one length in whole seconds; of parts of a second, where the form has them, a started one counts.

    :raises NotDigits: for anything else than the form says, and for more than six digits of seconds
    """
    if form is DurationFormat.SECONDS:
        return parse_ascii_digits(text, MAX_SECONDS_DIGITS)
    if form is DurationFormat.MILLISECONDS:
        seconds, rest = divmod(parse_ascii_digits(text, MAX_SECONDS_DIGITS + 3), _MILLISECONDS)
        return seconds + bool(rest)
    pattern, lengths = _WRITTEN[form]
    found = pattern.fullmatch(text) if text else None
    if found is None:
        raise NotDigits(text)
    *whole, part = found.groups(default="0")
    total = sum(int(number) * length for number, length in zip(whole, lengths, strict=True)) + bool(part.strip("0"))
    if total >= 10**MAX_SECONDS_DIGITS:
        raise NotDigits(text)
    return int(total)
