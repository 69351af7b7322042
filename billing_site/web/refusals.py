"""Refusals in the reader's language: the sentence is translated whole, its values are formatted, then they meet."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, pgettext

from billing_site.core.errors import BillingError
from billing_site.core.messages import Message
from billing_site.web import wrapping
from billing_site.web.states import look_of


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
        translated = translated % {name: _value(_word(name, value)) for name, value in values.items()}
    return mark_safe(translated)  # noqa: S308 - the sentence and every value are escaped


def _word(name: str, value: object) -> object:
    """Return a value that is a word of the code in the reader's language; any other value as it is."""
    read = _WORDS.get(name)
    return read(str(value)) if read and isinstance(value, str) and value else value


def _state_word(state: str) -> str:
    return str(look_of(state).label) if state.isupper() else gettext(state)


def _kind_word(kind: str) -> str:
    found = pgettext("one", kind)
    return found if found != kind else gettext(kind.capitalize()) if kind.islower() else kind


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


# An instant is a day too, so it is asked first. A sentence in a sentence is translated by itself.
_WRAPPERS: Sequence[tuple[type, Callable[[Any], SafeString]]] = (
    (Message, message_html),
    (Decimal, wrapping.amount_html),
    (int, wrapping.number_html),
    (datetime, wrapping.instant_html),
    (date, wrapping.date_html),
)
# The places of sentences whose values are words of the code, and how such a word is read.
_WORDS: Mapping[str, Callable[[str], str]] = {
    "column": gettext,
    "detail": gettext,
    "kind": _kind_word,
    "state": _state_word,
    "target": _state_word,
}
