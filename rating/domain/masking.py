"""
Called numbers on call lists: the last three digits stay hidden, short numbers and those of information stations are
shown whole.

Who pays for a line is not always who calls from it: what is hidden protects the others of the household. Names that are
no numbers (an access point, a service) are shown as they are.
"""

import re

from rating.domain.guiding import SHORT_CODE_MARK

HIDDEN_DIGITS = 3
HIDDEN_SIGN = "X"
# A short code (an emergency call, a helpline, a service) says nothing about a person.
SHORT_LENGTH = 6
# What a person dials; PostgreSQL reads the pattern alike.
DIALLED = r"^[0-9+*#]+$"


def is_shown_whole(number: str, *, is_premium: bool = False) -> bool:
    """Say whether nothing of a called number is hidden: short codes, stations, and names that are no numbers."""
    is_short = number.startswith(SHORT_CODE_MARK) or len(number) <= SHORT_LENGTH
    return is_premium or is_short or re.fullmatch(DIALLED, number) is None


def mask_number(number: str, *, is_premium: bool = False) -> str:
    """
    Return a called number, as records keep it, as a list shows it: ``99990000123`` becomes ``99990000XXX``, and the
    short code ``0103`` is ``103``.

    :param is_premium: it belongs to an information station, which is always named in full
    """
    if is_shown_whole(number, is_premium=is_premium):
        return number.removeprefix(SHORT_CODE_MARK)
    return number[:-HIDDEN_DIGITS] + HIDDEN_SIGN * HIDDEN_DIGITS


def may_match(number: str, typed: str, *, is_premium: bool = False) -> bool:
    """
    Say whether a called number fits what was typed as far as a list shows it: the hidden digits are never compared,
    so that nobody finds them out by trying.

    :param typed: the beginning of a number, or a whole one
    """
    shown, stem = mask_number(number, is_premium=is_premium), typed[:-HIDDEN_DIGITS]
    return shown.startswith(typed) or (bool(stem) and shown == stem + HIDDEN_SIGN * HIDDEN_DIGITS)
