"""
The operator's own words on a bill: plain text with named places (``{account}``), checked before anybody reads them.

A text is never HTML, and a place is filled with a value of the bill by the template, never by the text itself.
"""

from collections.abc import Mapping
from enum import StrEnum

from billing_site.core.own_texts import TextSlip, find_text_slips

MAX_LENGTH = 600


class TextPlace(StrEnum):
    """Where on the bill a text stands."""

    HEADER = "HEADER"
    NOTICE = "NOTICE"
    HOW_TO_PAY = "HOW_TO_PAY"
    FOOTER = "FOOTER"
    MAIL = "MAIL"


# What may be named, whatever the place.
NAMES = ("account", "name", "number", "amount", "due", "first", "last", "phone", "email", "hours")
# What must be named, or the text does not do its work.
NEEDED: Mapping[TextPlace, frozenset[str]] = {
    TextPlace.HOW_TO_PAY: frozenset({"account"}),
    TextPlace.MAIL: frozenset({"amount", "due"}),
}


def find_slips(*, place: TextPlace, texts: Mapping[str, str]) -> tuple[TextSlip, ...]:
    """
    Return what is wrong with a text in five languages; nothing is wrong with a sound one.

    Every language names what the place needs, and what any other language names: all readers learn the same.
    """
    return find_text_slips(texts=texts, names=NAMES, needed=NEEDED.get(place, frozenset()), most=MAX_LENGTH)
