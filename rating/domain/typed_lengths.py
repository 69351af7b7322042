"""How long a call lasts, as people say and write it."""

import re

from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.quantities import SECONDS_PER_HOUR, SECONDS_PER_MINUTE

# Eleven days; no exchange writes a longer call.
MAX_SECONDS = 999_999
SHOWN_LENGTH = 40
SIXTY = 60

_CLOCK = re.compile(r"(?:([0-9]{1,3}):)?([0-9]{1,5}):([0-9]{2})", re.ASCII)
_SECONDS = re.compile(r"[0-9]{1,6}", re.ASCII)
_WORDS = re.compile(
    r"(?:([0-9]{1,3})\s*h(?:ours?)?)?\s*(?:([0-9]{1,5})\s*m(?:in(?:utes?)?)?)?\s*(?:([0-9]{1,6})\s*s(?:ec(?:onds?)?)?)?",
    re.ASCII | re.IGNORECASE,
)


class NotALength(BillingError):
    """A text that does not say how long a call lasts."""

    default_message = gettext_noop("“%(text)s” is not a length; write minutes and seconds like 3:10, or seconds.")
    default_code = "NOT_A_LENGTH"


def parse_length(text: str) -> int:
    """
    Read a length in seconds: ``190``, ``3:10``, ``1:02:03`` or ``3 min 10 s``, in ASCII digits.

    After a colon there are two digits below 60; with hours the minutes are below 60 too.

    :raises NotALength: for anything else, and for more than ``MAX_SECONDS``
    """
    plain = text.strip()
    seconds = _read(plain)
    if seconds is None or seconds > MAX_SECONDS:
        raise NotALength(context={"text": plain[:SHOWN_LENGTH]})
    return seconds


def write_length(seconds: int) -> str:
    """Return a length as a person would type it: ``3:10``, ``1:02:03``; ``parse_length`` reads it back."""
    minutes, rest = divmod(seconds, SECONDS_PER_MINUTE)
    hours, minutes = divmod(minutes, SIXTY)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _read(text: str) -> int | None:
    if _SECONDS.fullmatch(text):
        return int(text)
    clock = _CLOCK.fullmatch(text)
    if clock is not None:
        hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        is_sound = seconds < SIXTY and (clock[1] is None or minutes < SIXTY)
        return hours * SECONDS_PER_HOUR + minutes * SECONDS_PER_MINUTE + seconds if is_sound else None
    words = _WORDS.fullmatch(text)
    if words is None or not any(words.groups()):
        return None
    hours, minutes, seconds = (int(part or 0) for part in words.groups())
    return hours * SECONDS_PER_HOUR + minutes * SECONDS_PER_MINUTE + seconds
