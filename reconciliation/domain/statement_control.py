"""
Whether a statement fits: to itself, to our account, and to the statement before it.

A statement with balances is a link of a chain: it begins with the balance with which the one before ended, and where
the bank counts, with the next number. One that was sent again is recognised; what fits nowhere is held, whole.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from billing_site.core.messages import gettext_noop
from billing_site.core.money import minor_to_decimal
from reconciliation.domain.statement_formats.parts import BankStatement

_NOISE = re.compile(r"[^A-Z0-9]+", re.ASCII)


class HeldFor(StrEnum):
    """What does not fit."""

    SUM = "SUM"
    ACCOUNT = "ACCOUNT"
    CURRENCY = "CURRENCY"
    GAP = "GAP"
    OPENING = "OPENING"
    AGAIN = "AGAIN"
    REPEAT_DIFFERS = "REPEAT_DIFFERS"
    FUTURE = "FUTURE"


HELD_WORDS = {
    HeldFor.SUM: gettext_noop(
        "It begins with %(opening)s and its lines make %(moved)s: that is %(found)s, the bank says %(closing)s. Ask the"
        " bank for the statement again and throw this one away."
    ),
    HeldFor.ACCOUNT: gettext_noop(
        "It is of the account %(told)s, not of %(ours)s. Throw it away and load it for its own account."
    ),
    HeldFor.CURRENCY: gettext_noop("It is in %(told)s, the account is in %(ours)s. Throw it away and ask the bank."),
    HeldFor.GAP: gettext_noop(
        "Statements between are missing: %(missing)s. Load them; this one goes on by itself then."
    ),
    HeldFor.OPENING: gettext_noop(
        "It begins with %(opening)s, the statement before ended with %(closing)s. Load what is missing between; this"
        " one goes on by itself then."
    ),
    HeldFor.AGAIN: gettext_noop(
        "Statement %(number)s was loaded before with other balances. Ask the bank which one holds, and throw the other"
        " away."
    ),
    HeldFor.REPEAT_DIFFERS: gettext_noop(
        "It is a statement that was loaded before, with the same balances but %(count)s other lines. Ask the bank which"
        " one holds."
    ),
    HeldFor.FUTURE: gettext_noop("It ends on %(day)s, which lies ahead. Ask the bank for the statement again."),
}
# What passes when the missing statement comes, or when a person answers for it.
PASSING = frozenset({HeldFor.GAP, HeldFor.OPENING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A statement with balances that was accepted, in minor units."""

    statement_id: int
    number: int | None
    page: int | None
    opening_minor: int
    closing_minor: int
    opened_on: date | None
    closed_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Misfit:
    """One thing that does not fit, with the values of its sentence (``HELD_WORDS``)."""

    code: HeldFor
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """What does not fit; or of which statement this one is a repetition."""

    misfits: tuple[Misfit, ...] = ()
    repeats: Link | None = None


def judge_statement(
    statement: BankStatement,
    *,
    number: str,
    currency: str,
    digits: int,
    chain: Sequence[Link],
    today: date,
) -> Fit:
    """
    Say whether a statement fits.

    :param number: our account as the bank writes it; ``currency`` its currency with so many ``digits``
    :param chain: the accepted statements of the account with balances, the last one at the end
    :param today: no statement ends later
    """
    misfits = [*_own_misfits(statement, number=number, currency=currency, digits=digits, today=today)]
    if statement.opening_minor is None or statement.closing_minor is None or misfits:
        return Fit(misfits=tuple(misfits))
    again = [link for link in chain if _is_same(statement, link)]
    if again:
        return Fit(repeats=again[-1])
    return Fit(misfits=tuple(_chain_misfits(statement, chain, digits=digits)))


def is_account(told: str, number: str) -> bool:
    """
    Say whether the account that a statement names is ours: the whole of it, or a part of it between slashes, where the
    bank's code and the currency stand too; some banks write the currency right behind it.
    """
    mine = _NOISE.sub("", number.upper())
    written = {_NOISE.sub("", part) for part in (told.upper(), *told.upper().split("/"))}
    return bool(mine) and any(one == mine or (one[:-3] == mine and one[-3:].isalpha()) for one in written)


def _own_misfits(statement: BankStatement, *, number: str, currency: str, digits: int, today: date) -> Iterator[Misfit]:
    if not is_account(statement.account, number):
        yield Misfit(code=HeldFor.ACCOUNT, values={"told": f"…{statement.account[-4:]}", "ours": f"…{number[-4:]}"})
    if statement.currency and statement.currency != currency:
        yield Misfit(code=HeldFor.CURRENCY, values={"told": statement.currency, "ours": currency})
    if statement.closed_on is not None and statement.closed_on > today:
        yield Misfit(code=HeldFor.FUTURE, values={"day": statement.closed_on.isoformat()})
    if statement.opening_minor is None or statement.closing_minor is None:
        return
    found = statement.opening_minor + statement.moved_minor
    if found != statement.closing_minor:
        amounts = {
            "opening": statement.opening_minor,
            "moved": statement.moved_minor,
            "found": found,
            "closing": statement.closing_minor,
        }
        yield Misfit(code=HeldFor.SUM, values={name: _shown(minor, digits) for name, minor in amounts.items()})


def _is_same(statement: BankStatement, link: Link) -> bool:
    same = (statement.opening_minor, statement.closing_minor) == (link.opening_minor, link.closing_minor)
    days = (statement.opened_on, statement.closed_on) == (link.opened_on, link.closed_on)
    return same and days and (statement.number, statement.page) == (link.number, link.page)


def _chain_misfits(statement: BankStatement, chain: Sequence[Link], *, digits: int) -> Iterator[Misfit]:
    if not chain:
        return
    last = chain[-1]
    assert statement.opening_minor is not None
    if any(_is_number_again(statement, link) for link in chain):
        yield Misfit(code=HeldFor.AGAIN, values={"number": statement.number})
        return
    missing = _missing(statement, last)
    if missing:
        yield Misfit(code=HeldFor.GAP, values={"missing": missing})
    if statement.opening_minor != last.closing_minor:
        values = {"opening": _shown(statement.opening_minor, digits), "closing": _shown(last.closing_minor, digits)}
        yield Misfit(code=HeldFor.OPENING, values=values)


def _is_number_again(statement: BankStatement, link: Link) -> bool:
    """Say whether an accepted statement of the same year has this number and page."""
    if statement.number is None or (statement.number, statement.page) != (link.number, link.page):
        return False
    return _year(statement.closed_on) == _year(link.closed_on)


def _missing(statement: BankStatement, last: Link) -> str:
    """Return the numbers between two statements, as people write them; a new year begins to count anew."""
    if statement.number is None or last.number is None:
        return ""
    first = last.number + 1
    if _year(statement.closed_on) > _year(last.closed_on) and statement.number < last.number:
        first = 1
    if statement.number == last.number and (statement.page or 0) > (last.page or 0):
        return f"{last.number}/{(last.page or 0) + 1}" if statement.page != (last.page or 0) + 1 else ""
    if statement.number <= first:
        return ""
    until = statement.number - 1
    return str(first) if until == first else f"{first}-{until}"


def _year(day: date | None) -> int:
    return day.year if day else 0


def _shown(minor: int, digits: int) -> str:
    shown: Decimal = minor_to_decimal(minor, digits=digits)
    return str(shown)
