"""
Tags of papers with thousands of rows: ``{% load papers %}``.

A paper lays out columns, not cells: one text a column, a line for each row. What reads from left to right in any
language is kept so by the signs of Unicode, since no value has an element of its own.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import template
from django.utils.html import format_html_join
from django.utils.translation import get_language_bidi, gettext

from billing_site.core.names import name_in
from billing_site.web.formatting import (
    format_date,
    format_duration,
    format_instant,
    format_micro,
    format_number,
    format_phone,
)
from billing_site.web.wrapping import current_language

register = template.Library()
WRITERS: Mapping[str, Callable[[Any, str], str]] = {
    "instant": lambda value, language: format_instant(value, language=language, seconds=True),
    "day": lambda value, language: format_date(value, language=language),
    "phone": lambda value, _language: format_phone(value),
    "duration": lambda value, _language: format_duration(value),
    "micro": lambda value, language: format_micro(value, language=language),
    "number": lambda value, language: format_number(value, language=language),
    "name": lambda value, language: name_in(value or {}, language),
    "sentence": lambda value, _language: gettext(value) if value else "",
}
LEFT_TO_RIGHT = frozenset({"instant", "day", "phone", "duration", "micro", "number"})
WORDS = frozenset({"name", "sentence"})
ISOLATE, END = "\u2066", "\u2069"
MOST_CHARACTERS = 34


@register.simple_tag
def column(rows: Sequence[Any], name: str, kind: str) -> str:
    """
    ``{% column page.rows "start_at" "instant" %}``: the values, one a line; long names are cut.

    Words stand in boxes of one line's height each: letters of another font than that of the figures beside them make a
    line a little higher, and twenty of them would be a row too low.
    """
    language, write = current_language(), WRITERS[kind]
    texts = (_cut(write(_value(row, name), language)) for row in rows)
    if kind in WORDS:
        return format_html_join("", '<div class="row">{}</div>', ((text,) for text in texts))
    if kind in LEFT_TO_RIGHT and get_language_bidi():
        texts = (f"{ISOLATE}{text}{END}" for text in texts)
    return "\n".join(texts)


def _value(row: Any, name: str) -> Any:
    value = getattr(row, name)
    return value() if callable(value) else value


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 1] + "…"
