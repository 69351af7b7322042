"""Names and addresses of the demo's subscribers, drawn from our own words by a fixed seed."""

from dataclasses import dataclass
from random import Random

from billing_site.console.demo.words import WORDS, Words

COMPANY_SHARE = 12
STATE_SHARE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who becomes a subscriber. ``kind`` and ``category`` are those of the models."""

    kind: str
    category: str
    name: str
    language: str
    address: str


def make_person(*, language: str, chance: Random) -> Person:
    """Return the next person or company of a language."""
    words = WORDS[language]
    address = _address(words, chance)
    roll = chance.randrange(100)
    if roll < COMPANY_SHARE + STATE_SHARE:
        category = "STATE" if roll < STATE_SHARE else "BUSINESS"
        name = words.company.format(trade=chance.choice(words.trades))
        return Person(
            kind="COMPANY",
            category=category,
            name=f"{name} {chance.randrange(2, 99)}",
            language=language,
            address=address,
        )
    return Person(kind="PERSON", category="HOME", name=_name(words, chance), language=language, address=address)


def _name(words: Words, chance: Random) -> str:
    is_woman = chance.randrange(2) == 0
    surname = chance.choice(words.surnames_of_women if is_woman else words.surnames_of_men)
    given = chance.choice(words.women if is_woman else words.men)
    fathers = words.fathers_of_women if is_woman else words.fathers_of_men
    father = chance.choice(fathers) if fathers else ""
    return " ".join(words.person.format(surname=surname, given=given, father=father).split())


def _address(words: Words, chance: Random) -> str:
    return words.address.format(
        street=chance.choice(words.streets),
        house=chance.randrange(1, 120),
        part=chance.randrange(1, 9),
        flat=chance.randrange(101, 999),
    )
