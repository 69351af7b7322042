"""Refusals in the reader's language: the sentence is translated whole, its values are formatted, then they meet."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from billing_site.core.errors import BillingError
from billing_site.core.messages import Message
from billing_site.web import wrapping


def refusal_html(error: BillingError) -> SafeString:
    """Return the sentence of a refusal, translated and escaped, its numbers in order in every direction of writing."""
    return sentence_html(str(error.template), error.context)


def message_html(message: Message) -> SafeString:
    """Return a sentence of the pure core, translated and escaped."""
    return sentence_html(message.msgid, message.params)


def sentence_html(template: str, values: Mapping[str, object]) -> SafeString:
    """Translate a whole sentence and fill its places with wrapped values."""
    translated = str(escape(gettext(template))) if template else ""
    if values:
        translated = translated % {name: _value(value) for name, value in values.items()}
    return mark_safe(translated)  # noqa: S308 - the sentence and every value are escaped


def _value(value: object) -> SafeString:
    if isinstance(value, SafeString):
        return value
    if isinstance(value, bool) or value is None:
        return escape(value)
    for kind, wrap in _WRAPPERS:
        if isinstance(value, kind):
            return wrap(value)
    text = str(value)
    is_code = text.isascii() and any(char.isdigit() for char in text)
    return wrapping.ltr(text) if is_code else wrapping.text_html(text)


# An instant is a day too, so it is asked first.
_WRAPPERS: Sequence[tuple[type, Callable[[Any], SafeString]]] = (
    (Decimal, wrapping.amount_html),
    (int, wrapping.number_html),
    (datetime, wrapping.instant_html),
    (date, wrapping.date_html),
)
