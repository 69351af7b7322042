"""Sentences that leave the house as plain text (mail, paper): translated whole, their values written out."""

from collections.abc import Mapping
from datetime import date

from django.utils.translation import gettext, override

from billing_site.web.formatting import format_date, format_minor, format_number, format_phone

# Around a value in a text that runs from right to left, so that it keeps its own order.
ISOLATE, POP = "\u2066", "\u2069"
RIGHT_TO_LEFT = frozenset({"ar"})


def plain_sentence(msgid: str, params: Mapping[str, object], *, language: str, currency: str = "") -> str:
    """
    Return a sentence in a language with its values filled in.

    The names of the values tell their kind: ``..._minor`` is money of the currency, ``..._on`` a day (ISO text),
    ``..._number`` a telephone number; integers are grouped, anything else is shown as it is.
    """
    with override(language):
        sentence = gettext(msgid)
    if not params:
        return sentence
    shown = {name: _shown(name, value, language=language, currency=currency) for name, value in params.items()}
    if language in RIGHT_TO_LEFT:
        shown = {name: f"{ISOLATE}{text}{POP}" for name, text in shown.items()}
    return sentence % shown


def _shown(name: str, value: object, *, language: str, currency: str) -> str:
    if name.endswith("_minor") and isinstance(value, int):
        return f"{format_minor(value, currency=currency, language=language)} {currency}".strip()
    if name.endswith("_on"):
        return format_date(date.fromisoformat(str(value)), language=language)
    if name.endswith("_number"):
        return format_phone(str(value))
    return format_number(value, language=language) if isinstance(value, int) else str(value)
