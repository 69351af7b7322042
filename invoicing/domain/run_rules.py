"""Whom a pilot is for: a rule over departments, customer categories, segments and account numbers."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from billing_site.core.digits import to_ascii_digits

_BETWEEN = re.compile(r"[\s,;|]+")


class Segment(StrEnum):
    """Groups of customers that are no category: whom we deal with, and whom we follow day by day."""

    PERSON = "PERSON"
    COMPANY = "COMPANY"
    KEY = "KEY"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRule:
    """
    Which accounts are meant: those that fit every part that says something; inside a part any word will do.

    ``departments`` are codes, ``accounts`` account numbers. A rule that says nothing means everybody.
    """

    departments: Sequence[str] = field(default=())
    categories: Sequence[str] = field(default=())
    segments: Sequence[str] = field(default=())
    accounts: Sequence[str] = field(default=())

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing."""
        return not (self.departments or self.categories or self.segments or self.accounts)

    def as_json(self) -> dict[str, list[str]]:
        """Return what is kept in a run's row: the parts that say something, each in order."""
        parts = {
            "departments": self.departments,
            "categories": self.categories,
            "segments": self.segments,
            "accounts": self.accounts,
        }
        return {name: sorted(set(words)) for name, words in parts.items() if words}


EVERYBODY = AccountRule()


def rule_from(values: Mapping[str, Any]) -> AccountRule:
    """Return the rule that was kept; parts that are missing say nothing."""
    return AccountRule(
        departments=tuple(values.get("departments", ())),
        categories=tuple(values.get("categories", ())),
        segments=tuple(values.get("segments", ())),
        accounts=tuple(values.get("accounts", ())),
    )


def read_account_list(text: str) -> tuple[str, ...]:
    """
    Return the account numbers of a pasted or uploaded list, each once, in the order in which they stand there.

    Digits of any script count; hyphens inside a number do not; anything between numbers divides them.
    """
    words = _BETWEEN.split(to_ascii_digits(text.removeprefix("\ufeff")))
    return tuple(dict.fromkeys(word.strip('"').replace("-", "") for word in words if word.strip('"-')))
