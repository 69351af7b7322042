"""
The kinds of letters whose words the operator may write itself, and these words: as letters carry them and as the
editor lists them. Which kinds there are is said by the app that writes the letters.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext, override

from billing_site.core.own_texts import LANGUAGES, text_of
from subscribers.models import LetterText


class Example(NamedTuple):
    """A real account, the values of a letter to it, and the currency of its money."""

    account_number: str
    values: Mapping[str, object]
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterKind:
    """
    A kind of letter.

    :param code: as ``app.letter/CODE``; ``label``: what people call it
    :param subject: the house's own subject line, an English msgid; ``msgid`` its sentence
    :param places: by the name that a text may use, that of the letter's value
    :param needed: the names without which the letter does not do its work
    :param example: finds a real account by its number (empty: any one) as of a day
    """

    code: str
    label: str | Promise
    subject: str
    msgid: str
    places: Mapping[str, str]
    needed: frozenset[str]
    example: Callable[[str, date], Example | None]


_kinds: dict[str, LetterKind] = {}


def offer_letter_kinds(kinds: Collection[LetterKind]) -> None:
    """Let the words of these letters be written by the operator."""
    _kinds.update({kind.code: kind for kind in kinds})


def letter_kinds() -> Mapping[str, LetterKind]:
    """Return every kind of letter whose words may be written, by its code."""
    return _kinds


def letter_texts(*, kind: str = "") -> QuerySet[LetterText]:
    """Return every text, drafts and published ones, of all kinds or of one."""
    found = LetterText.objects.select_related("created_by", "published_by")
    return found.filter(kind=kind) if kind else found


def texts_that_hold(kinds: Collection[str]) -> dict[str, LetterText]:
    """Return the text that letters written now carry, by kind; a kind that has the house's own words is left out."""
    published = LetterText.objects.filter(kind__in=set(kinds), state=LetterText.State.PUBLISHED)
    return {text.kind: text for text in published.order_by("published_n")}


def words_of_kind(kind: LetterKind) -> tuple[dict[str, str], dict[str, str]]:
    """Return subject lines and texts by language as letters of a kind say them now, to be changed by a person."""
    held = texts_that_hold([kind.code]).get(kind.code)
    if held is not None:
        return dict(held.subjects), dict(held.texts)
    subjects, texts = {}, {}
    for language in LANGUAGES:
        with override(language):
            subjects[language] = gettext(kind.subject)
            texts[language] = text_of(gettext(kind.msgid), places=kind.places)
    return subjects, texts
