"""
Numbers, dates and codes as people of each language write them. Digits are 0-9 everywhere.

Grouping: thin no-break space and decimal comma in Armenian and Russian, comma and point elsewhere. The minus stands
before the number. Nothing here rounds: a value is shown with all its decimals, or padded.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.utils.translation import pgettext

from billing_site.core.clock import operator_zone
from billing_site.core.digits import to_ascii_digits
from billing_site.core.money import currency_digits, micro_to_decimal, minor_to_decimal, round_half_up

GROUP_SPACE = "\u202f"
COMMA_LANGUAGES = frozenset({"hy", "ru"})
DOTTED_DATES = frozenset({"hy", "ru"})
GROUP_SIZE = 3
PER_MILLE = 1000
FULL_NUMBER = 8
AREA_DIGITS = 2
MASKED = "X"
ARABIC_MONTHS = (
    "يناير",
    "فبراير",
    "مارس",
    "أبريل",
    "مايو",
    "يونيو",
    "يوليو",
    "أغسطس",
    "سبتمبر",
    "أكتوبر",
    "نوفمبر",
    "ديسمبر",
)


def format_number(value: int | Decimal, *, language: str, min_decimals: int = 0) -> str:
    """
    Show a number with grouped digits and every decimal it has.

    :param min_decimals: zeros are added up to this many decimals, and trailing zeros beyond are dropped
    """
    plain = f"{value:f}" if isinstance(value, Decimal) else str(value)
    sign = "-" if plain.startswith("-") and value != 0 else ""
    whole, _, decimals = plain.lstrip("-").partition(".")
    decimals = decimals.rstrip("0").ljust(min_decimals, "0")
    space, point = (GROUP_SPACE, ",") if language in COMMA_LANGUAGES else (",", ".")
    return f"{sign}{space.join(_groups(whole))}{point if decimals else ''}{decimals}"


def format_minor(amount_minor: int, *, currency: str = "", language: str) -> str:
    """Show minor units of a currency (the operator's own when empty) with exactly its decimals, without its code."""
    digits = currency_digits(currency or settings.SALDO_CURRENCY)
    return format_number(minor_to_decimal(amount_minor, digits=digits), language=language, min_decimals=digits)


def format_micro(amount_micro: int, *, language: str, min_decimals: int = 2) -> str:
    """Show micro units of the major unit exactly."""
    return format_number(micro_to_decimal(amount_micro), language=language, min_decimals=min_decimals)


def format_percent(part: int, whole: int, *, language: str) -> str:
    """Write a part of a whole as a percentage with one decimal; nothing where there is no whole."""
    if not whole:
        return ""
    tenths = round_half_up(numerator=part * PER_MILLE, denominator=whole)
    return f"{format_number(Decimal(tenths) / 10, language=language, min_decimals=1)}\u00a0%"


def format_date(day: date, *, language: str, long: bool = False) -> str:
    """Show a day; the long form is the one of letters and bills."""
    if long and language == "ar":
        return f"{day.day} {ARABIC_MONTHS[day.month - 1]} {day.year}"
    if long and language.startswith("zh"):
        return f"{day.year}年{day.month}月{day.day}日"
    if language in DOTTED_DATES:
        return f"{day:%d.%m.}{day.year:04d}"
    return day.isoformat()


def format_instant(instant: datetime, *, language: str, seconds: bool = False) -> str:
    """
    Show an instant in the operator's time zone.

    :raises ValueError: for an instant without a zone
    """
    local = to_operator_time(instant)
    return (
        f"{format_date(local.date(), language=language)} {local:%H:%M:%S}"
        if seconds
        else (f"{format_date(local.date(), language=language)} {local:%H:%M}")
    )


def to_operator_time(instant: datetime) -> datetime:
    """
    Return the instant in the operator's time zone.

    :raises ValueError: for an instant without a zone
    """
    if instant.tzinfo is None:
        message = "An instant needs a time zone."
        raise ValueError(message)
    return instant.astimezone(operator_zone())


def format_duration(seconds: int) -> str:
    """Show seconds as ``4:05`` or ``1:04:05``."""
    minutes, rest = divmod(abs(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    sign = "-" if seconds < 0 else ""
    return f"{sign}{hours}:{minutes:02d}:{rest:02d}" if hours else f"{sign}{minutes}:{rest:02d}"


def format_span(span: timedelta) -> str:
    """Say a length of time in words, whole minutes above one minute."""
    seconds = span // timedelta(seconds=1)
    if seconds < 60:
        return pgettext("length of time", "%(seconds)d s") % {"seconds": seconds}
    minutes, seconds = divmod(seconds, 60)
    if minutes < 60:
        return pgettext("length of time", "%(minutes)d min %(seconds)d s") % {"minutes": minutes, "seconds": seconds}
    hours, minutes = divmod(minutes, 60)
    return pgettext("length of time", "%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}


def format_phone(number: str) -> str:
    """
    Show a phone number in groups, masked digits included: ``10 234 567``, ``+999 90 000 1XX``.

    The operator's country code is set apart where the number carries it; short numbers stay in one piece, and so does
    what is no number: the name of a line that has none.
    """
    text = to_ascii_digits(number).strip()
    if any(char.isalpha() and char != MASKED for char in text):
        return text
    body = "".join(char for char in text if char.isalnum() or char == "*")
    code = settings.SALDO_COUNTRY_CODE
    if text.startswith("+") and body.startswith(code):
        return f"+{code} {_phone_groups(body[len(code) :])}"
    if not text.startswith("+") and body.startswith(code) and len(body) == len(code) + FULL_NUMBER:
        return f"+{code} {_phone_groups(body[len(code) :])}"
    return ("+" if text.startswith("+") else "") + _phone_groups(body)


def _phone_groups(body: str) -> str:
    if len(body) <= AREA_DIGITS + GROUP_SIZE - 1:
        return body
    if len(body) == FULL_NUMBER:
        return f"{body[:AREA_DIGITS]} {body[AREA_DIGITS : AREA_DIGITS + GROUP_SIZE]} {body[AREA_DIGITS + GROUP_SIZE :]}"
    return " ".join(_groups(body))


def _groups(digits: str) -> list[str]:
    """Cut into groups of three, counted from the end."""
    first = len(digits) % GROUP_SIZE
    head = [digits[:first]] if first else []
    return head + [digits[at : at + GROUP_SIZE] for at in range(first, len(digits), GROUP_SIZE)]
