"""
Texts that the operator writes itself, in every language of the house: plain text with named places (``{account}``),
checked before anybody reads them. A text is never HTML; what a place is filled with is another's business.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from billing_site.core.messages import gettext_noop

LANGUAGES = ("hy", "ru", "zh-hans", "ar", "en")
# Either brace is a brace of ours: a text with one alone is a slip of the pen.
_PLACE = re.compile(r"\{([a-z_]*)\}")
_BRACE = re.compile(r"[{}]")


class Slip(StrEnum):
    """What is wrong with a text."""

    MISSING = "MISSING"
    TOO_LONG = "TOO_LONG"
    BRACE = "BRACE"
    UNKNOWN_NAME = "UNKNOWN_NAME"
    NAME_LEFT_OUT = "NAME_LEFT_OUT"


# What may come later, while a text is a draft.
UNFINISHED = frozenset({Slip.MISSING, Slip.NAME_LEFT_OUT})
# What each slip is called to whoever wrote the text.
SLIP_SENTENCES: Mapping[Slip, str] = {
    Slip.MISSING: gettext_noop("The text is missing in this language: %(language)s."),
    Slip.TOO_LONG: gettext_noop("The text is longer than %(about)s characters in this language: %(language)s."),
    Slip.BRACE: gettext_noop("A brace stands alone in this language: %(language)s. Names stand in a pair of them."),
    Slip.UNKNOWN_NAME: gettext_noop(
        "The text names %(about)s, which is not known here, in this language: %(language)s."
    ),
    Slip.NAME_LEFT_OUT: gettext_noop("The text does not name %(about)s in this language: %(language)s."),
}


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


def find_text_slips(
    *, texts: Mapping[str, str], names: Collection[str], needed: frozenset[str], most: int
) -> tuple[TextSlip, ...]:
    """
    Return what is wrong with a text in five languages; nothing is wrong with a sound one.

    Every language names what is needed, and what any other language names: all readers learn the same.

    :param names: what a text may name; ``needed``: what it must
    :param most: of how many characters it may be
    """
    known = frozenset(names)
    wanted = needed.union(*(_PLACE.findall(texts.get(language, "")) for language in LANGUAGES)) & known
    return tuple(
        TextSlip(language=language, slip=slip, about=about)
        for language in LANGUAGES
        for slip, about in _slips_of(texts.get(language, ""), wanted=wanted, known=known, most=most)
    )


def message_of(text: str, *, places: Mapping[str, str]) -> str:
    """
    Return a sound text as a sentence whose values are filled in by name (``%(name)s``), as the house's own are.

    :param places: the name of the value for each name that the text may use
    """
    parts = (f"%({places[piece.name]})s" if piece.name else piece.words.replace("%", "%%") for piece in cut_text(text))
    return "".join(parts)


def text_of(message: str, *, places: Mapping[str, str]) -> str:
    """Return a sentence of the house as a text that a person can change: ``message_of`` the other way round."""
    for name, value in places.items():
        message = message.replace(f"%({value})s", f"{{{name}}}")
    return message.replace("%%", "%")


def _slips_of(text: str, *, wanted: frozenset[str], known: frozenset[str], most: int) -> list[tuple[Slip, str]]:
    """Return the slips in a text of one language, each with the name or the part that it is about."""
    if not text.strip():
        return [(Slip.MISSING, "")]
    named = frozenset(_PLACE.findall(text))
    slips = [(Slip.TOO_LONG, str(most))] if len(text) > most else []
    if _BRACE.search(_PLACE.sub("", text)):
        slips.append((Slip.BRACE, ""))
    slips += [(Slip.UNKNOWN_NAME, name) for name in sorted(named - known)]
    return slips + [(Slip.NAME_LEFT_OUT, name) for name in sorted(wanted - named)]
