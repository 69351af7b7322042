"""
The one place where numbers, dates, phones and codes become HTML.

Each is put into ``<bdi dir="ltr">``: without it an Arabic page shows ``+999 90 000 1XX`` as ``1XX 000 90 999+``.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from billing_site.core import clock
from billing_site.core.names import FALLBACK_LANGUAGE, name_in
from billing_site.web.formatting import (
    format_date,
    format_duration,
    format_instant,
    format_micro,
    format_minor,
    format_number,
    format_percent,
    format_phone,
    to_operator_time,
)
from billing_site.web.states import StateLook, look_of

# A run of Latin letters, digits and what joins them, or a number with its groups: what is read from left to right.
_RUN = re.compile("((?:[+−-](?=[0-9]))?[A-Za-z0-9](?:(?:[A-Za-z0-9._,:/+-]|[\u00a0\u202f](?=[0-9]))*[A-Za-z0-9])?)")
# What a line of a setting says, with marks of direction around it: the name, and what it means.
_PAIR = re.compile("[\u200e\u200f]?([A-Za-z0-9]+ = [A-Za-z0-9]+)[\u200e\u200f]?")
NOTHING = mark_safe('<span class="none">–</span>')


def current_language() -> str:
    """Return the language of the page."""
    return get_language() or FALLBACK_LANGUAGE


def ltr(text: str, *, css: str = "") -> SafeString:
    """Wrap a text whose characters run from left to right in every language."""
    return (
        format_html('<bdi dir="ltr" class="{}">{}</bdi>', css, text)
        if css
        else format_html('<bdi dir="ltr">{}</bdi>', text)
    )


def number_html(value: int | Decimal | None, *, min_decimals: int = 0) -> SafeString:
    """Wrap a number."""
    if value is None:
        return NOTHING
    return _amount(format_number(value, language=current_language(), min_decimals=min_decimals), currency="")


def minor_html(amount_minor: int | None, *, currency: str = "", show_currency: bool = True) -> SafeString:
    """Wrap minor units of a currency; without a currency the operator's own decimals are used and no code is shown."""
    if amount_minor is None:
        return NOTHING
    shown = format_minor(amount_minor, currency=currency, language=current_language())
    return _amount(shown, currency=currency if show_currency else "")


def signed_html(amount_minor: int | None, *, currency: str = "", show_currency: bool = True) -> SafeString:
    """Wrap minor units of a difference, as ``minor_html`` does, with a plus where there is more."""
    if amount_minor is None:
        return NOTHING
    shown = format_minor(amount_minor, currency=currency, language=current_language())
    return _amount(f"+{shown}" if amount_minor > 0 else shown, currency=currency if show_currency else "")


def micro_html(amount_micro: int | None, *, currency: str = "", min_decimals: int = 2) -> SafeString:
    """Wrap micro units, exactly."""
    if amount_micro is None:
        return NOTHING
    return _amount(
        format_micro(amount_micro, language=current_language(), min_decimals=min_decimals), currency=currency
    )


def amount_html(amount: Decimal | None, *, currency: str = "", min_decimals: int = 0) -> SafeString:
    """Wrap a decimal of the major unit, exactly."""
    if amount is None:
        return NOTHING
    return _amount(format_number(amount, language=current_language(), min_decimals=min_decimals), currency=currency)


def date_html(day: date | None, *, long: bool = False) -> SafeString:
    """Wrap a day; the long form carries words and keeps the direction of its language."""
    if day is None:
        return NOTHING
    shown = format_date(day, language=current_language(), long=long)
    direction = "auto" if long else "ltr"
    return format_html(
        '<bdi dir="{}" class="num"><time datetime="{}">{}</time></bdi>', direction, day.isoformat(), shown
    )


def stamp_html(stamp: datetime | None) -> SafeString:
    """Wrap an instant that the database stamped by the machine's time, as the operator's clock showed it."""
    return instant_html(stamp and clock.moved(stamp))


def instant_html(instant: datetime | None, *, seconds: bool = False) -> SafeString:
    """Wrap an instant, shown in the operator's time zone."""
    if instant is None:
        return NOTHING
    shown = format_instant(instant, language=current_language(), seconds=seconds)
    return format_html(
        '<bdi dir="ltr" class="num"><time datetime="{}">{}</time></bdi>',
        to_operator_time(instant).isoformat(timespec="seconds"),
        shown,
    )


def duration_html(seconds: int | None) -> SafeString:
    """Wrap a length of a call."""
    return NOTHING if seconds is None else ltr(format_duration(seconds), css="num")


def phone_html(number: str | None) -> SafeString:
    """Wrap a phone number."""
    return ltr(format_phone(number), css="phone") if number else NOTHING


def percent_html(share: tuple[int, int] | None) -> SafeString:
    """Wrap a part of a whole as a percentage with one decimal; of nothing there is none."""
    shown = "" if share is None else format_percent(*share, language=current_language())
    return ltr(shown, css="num") if shown else NOTHING


def code_html(code: object) -> SafeString:
    """Wrap an account, a document number, a file name: what is read character by character."""
    return NOTHING if code is None or code == "" else ltr(str(code), css="code")


def ready_sentence_html(sentence: str) -> SafeString:
    """Wrap each number, day and code with digits in a sentence that came ready: its values are not known apart."""
    parts = _RUN.split(sentence)
    return format_html_join(
        "",
        "{}",
        ((ltr(part) if index % 2 and any(map(str.isdigit, part)) else part,) for index, part in enumerate(parts)),
    )


def pairs_html(sentence: object) -> SafeString:
    """Wrap each pair such as ``2 = MESSAGE`` in a sentence: it is read from left to right, on one line."""
    parts = _PAIR.split(str(sentence))
    return format_html_join("", "{}", ((ltr(part) if index % 2 else part,) for index, part in enumerate(parts)))


def state_html(state: str | None, label: object = None) -> SafeString:
    """Show a state as a chip: shape, word, colour."""
    if not state:
        return NOTHING
    look: StateLook = look_of(state)
    return format_html(
        '<span class="chip {}"><span class="shape" aria-hidden="true">{}</span>{}</span>',
        look.tone,
        look.shape,
        label or look.label,
    )


def name_html(names: Mapping[str, str] | None) -> SafeString:
    """Show a name kept in several languages, marked with the language it came in where that is not the page's."""
    if not names:
        return NOTHING
    language = current_language()
    text = name_in(names, language)
    if names.get(language) == text:
        return text_html(text)
    source = next((code for code, value in sorted(names.items()) if value == text), FALLBACK_LANGUAGE)
    return format_html('<bdi lang="{}">{}</bdi>', source, text)


def text_html(text: object) -> SafeString:
    """Wrap a text written by a person: its own direction, whatever the page's."""
    return NOTHING if text is None or text == "" else format_html("<bdi>{}</bdi>", text)


def icon_html(name: str, url: str, *, css: str = "") -> SafeString:
    """Show a sign of the sprite; the word stands beside it, so it is hidden from readers."""
    return format_html(
        '<svg class="{}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        f"icon {css}".strip(),
        url,
        name,
    )


def _amount(shown: str, *, currency: str) -> SafeString:
    css = "num neg" if shown.startswith("-") else "num"
    if currency:
        return format_html('<bdi dir="ltr" class="{}">{}&nbsp;<span class="cur">{}</span></bdi>', css, shown, currency)
    return format_html('<bdi dir="ltr" class="{}">{}</bdi>', css, shown)
