"""
Digits as people type them and digits as files must hold them.

People type with any keyboard: Arabic-Indic, Persian or full-width digits, spaces, brackets. Files are machines: there
only ASCII digits are taken, because Python's own ``int`` and ``Decimal`` accept more than a file of calls may mean.
"""

import re
import unicodedata
from decimal import Decimal

from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop

SHOWN_LENGTH = 40
MAX_AMOUNT_DIGITS = 15

_ASCII_DIGITS = re.compile(r"[0-9]+", re.ASCII)
_PLAIN_AMOUNT = re.compile(r"[0-9]+(?:\.[0-9]+)?", re.ASCII)
_PHONE_NOISE = re.compile(r"[()\[\]{}/.\-]")
_GROUP_MARKS = frozenset({" ", "'"})
_TYPED_ALIKE = {
    "٫": ".",  # Arabic decimal separator
    "٬": ",",  # Arabic thousands separator
    "．": ".",
    "，": ",",
    "、": ",",
    "＋": "+",
    "−": "-",
    "－": "-",
    "’": "'",
    "（": "(",
    "）": ")",
}


class NotAnAmount(BillingError):
    """A text that cannot be read as one amount of money without guessing."""

    default_code = "NOT_AN_AMOUNT"


class NotDigits(BillingError):
    """A field of a file that must hold ASCII digits and does not."""

    default_code = "NOT_DIGITS"


def to_ascii_digits(text: str) -> str:
    """
    Return text with every decimal digit of any script as 0-9, typographic marks as their plain twins and every space
    as a plain one.

    Invisible direction marks and other control characters of Unicode are dropped.
    """
    return "".join(filter(None, map(_plain, text)))


def _plain(char: str) -> str:
    if char.isascii():
        return " " if char in "\t\n\r\v\f" else char
    if char in _TYPED_ALIKE:
        return _TYPED_ALIKE[char]
    category = unicodedata.category(char)
    if category == "Nd":
        return str(unicodedata.decimal(char))
    return {"Zs": " ", "Zl": " ", "Zp": " ", "Cf": "", "Pd": "-"}.get(category, char)


def clean_number_input(text: str) -> str:
    """
    Return a telephone number as typed, reduced to ASCII digits and a leading plus.

    Spaces, dashes, brackets, dots and slashes go; anything else stays, so that the numbering plan can refuse it by
    name.
    """
    return _PHONE_NOISE.sub("", to_ascii_digits(text).replace(" ", ""))


def parse_amount(text: str, *, digits: int, allow_negative: bool = False) -> Decimal:
    """
    Read an amount typed by a person, of the major unit with at most ``digits`` decimals.

    Taken: ``1234.5``, ``1234,5``, ``1 234,50``, ``1,234.50``, ``1.234,50`` and the same in other scripts' digits.
    Refused: letters, exponents, ``NaN``, groups not of three, too many decimals, and ``1,234`` where it could mean
    two amounts.

    :param digits: decimals of the currency
    :param allow_negative: take a leading minus
    :raises NotAnAmount: with a sentence that says what is wrong
    """
    plain = to_ascii_digits(text).strip()
    negative = plain.startswith("-")
    if negative and not allow_negative:
        raise _refusal(gettext_noop("“%(text)s” is negative; write a positive amount."), text)
    body = plain[1:].strip() if negative else plain
    if not body:
        raise _refusal(gettext_noop("Write an amount, for example 1500."), text)
    if not set(body) <= set("0123456789.,' "):
        raise _refusal(gettext_noop("“%(text)s” is not an amount; write digits only, for example 1500."), text)
    number = _join_groups(body, digits=digits, text=text)
    whole, _, decimals = number.partition(".")
    if len(decimals) > digits:
        raise _refusal(gettext_noop("“%(text)s” has more decimals than the currency allows."), text)
    if len(whole) > MAX_AMOUNT_DIGITS:
        raise _refusal(gettext_noop("“%(text)s” is too large."), text)
    value = Decimal(number)
    return -value if negative else value


def _join_groups(body: str, *, digits: int, text: str) -> str:
    """Return the amount with its groups joined and a dot before the decimals, or refuse it."""
    marks = [char for char in body if not char.isdigit()]
    point = _decimal_mark(body, marks, digits=digits, text=text)
    whole, _, decimals = body.rpartition(point) if point else (body, "", "")
    group_marks = {mark for mark in whole if not mark.isdigit()}
    if len(group_marks) > 1 or point in group_marks:
        raise _refusal(gettext_noop("The groups of digits in “%(text)s” are not clear."), text)
    groups = whole.split(group_marks.pop()) if group_marks else [whole]
    if len(groups) > 1 and (not 1 <= len(groups[0]) <= 3 or any(len(group) != 3 for group in groups[1:])):
        raise _refusal(gettext_noop("The groups of digits in “%(text)s” are not of three."), text)
    number = "".join(groups) + (f".{decimals}" if point else "")
    if not _PLAIN_AMOUNT.fullmatch(number):
        raise _refusal(gettext_noop("“%(text)s” is not an amount; write digits only, for example 1500."), text)
    return number


def _decimal_mark(body: str, marks: list[str], *, digits: int, text: str) -> str:
    """Return the sign before the decimals, or an empty string where there are none."""
    if not marks or marks[-1] in _GROUP_MARKS or (len(marks) > 1 and marks.count(marks[-1]) == len(marks)):
        return ""
    mark = marks[-1]
    tail = len(body) - body.rindex(mark) - 1
    looks_grouped = len(marks) == 1 and tail == 3
    if looks_grouped and digits == 0:
        return ""
    if looks_grouped and not (mark == "." and digits >= tail):
        raise _refusal(gettext_noop("“%(text)s” can mean two amounts; write it without a thousands mark."), text)
    return mark


def _refusal(template: str, text: str) -> NotAnAmount:
    return NotAnAmount(template, context={"text": text.strip()[:SHOWN_LENGTH]})


def parse_ascii_digits(text: str, max_len: int) -> int:
    """
    Read a field of a file that must be nothing but ``[0-9]``, at most ``max_len`` of them.

    :raises NotDigits: for signs, spaces, fractions, other scripts' digits, an empty or a longer text
    """
    if len(text) > max_len or not _ASCII_DIGITS.fullmatch(text):
        raise NotDigits(
            gettext_noop("“%(text)s” is not a whole number of 1 to %(max_len)s digits."),
            context={"text": text[:SHOWN_LENGTH], "max_len": max_len},
        )
    return int(text)
