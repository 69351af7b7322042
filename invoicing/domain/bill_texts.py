"""
The operator's own words on a bill: plain text with named places (``{account}``), checked before anybody reads them.

A text is never HTML, and a place is filled with a value of the bill by the template, never by the text itself.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

LANGUAGES = ("hy", "ru", "zh-hans", "ar", "en")
MAX_LENGTH = 600
# Either brace is a brace of ours: a text with one alone is a slip of the pen.
_PLACE = re.compile(r"\{([a-z_]*)\}")
_BRACE = re.compile(r"[{}]")


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


class Slip(StrEnum):
    """What is wrong with a text."""

    MISSING = "MISSING"
    TOO_LONG = "TOO_LONG"
    BRACE = "BRACE"
    UNKNOWN_NAME = "UNKNOWN_NAME"
    NAME_LEFT_OUT = "NAME_LEFT_OUT"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSlip:
    """A slip in the text of one language, with the name or the part that it is about."""

    language: str
    slip: Slip
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A piece of a text: words, or the name of a place to fill."""

    words: str = ""
    name: str = ""


def cut_text(text: str) -> tuple[Piece, ...]:
    """Cut a text into words and names, in order; empty words are left out."""
    parts = _PLACE.split(text)
    pieces = (Piece(name=part) if index % 2 else Piece(words=part) for index, part in enumerate(parts))
    return tuple(piece for piece in pieces if piece.words or piece.name)


def find_slips(*, place: TextPlace, texts: Mapping[str, str]) -> tuple[TextSlip, ...]:
    """
    Return what is wrong with a text in five languages; nothing is wrong with a sound one.

    Every language names what the place needs, and what any other language names: all readers learn the same.
    """
    named = {language: _names_in(texts.get(language, "")) for language in LANGUAGES}
    wanted = NEEDED.get(place, frozenset()).union(*named.values()) & frozenset(NAMES)
    return tuple(
        slip for language in LANGUAGES for slip in _slips_of(language, texts.get(language, ""), named[language], wanted)
    )


def _slips_of(language: str, text: str, named: frozenset[str], wanted: frozenset[str]) -> Sequence[TextSlip]:
    if not text.strip():
        return [TextSlip(language=language, slip=Slip.MISSING)]
    slips = []
    if len(text) > MAX_LENGTH:
        slips.append(TextSlip(language=language, slip=Slip.TOO_LONG, about=str(MAX_LENGTH)))
    if _BRACE.search(_PLACE.sub("", text)):
        slips.append(TextSlip(language=language, slip=Slip.BRACE))
    slips += [
        TextSlip(language=language, slip=Slip.UNKNOWN_NAME, about=name) for name in sorted(named - frozenset(NAMES))
    ]
    slips += [TextSlip(language=language, slip=Slip.NAME_LEFT_OUT, about=name) for name in sorted(wanted - named)]
    return slips


def _names_in(text: str) -> frozenset[str]:
    return frozenset(_PLACE.findall(text))
