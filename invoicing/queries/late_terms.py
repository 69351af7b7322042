"""
What happens when a bill is paid late, asked of the app above without knowing it, and frozen with the run.

It says who answers in ``AppConfig.ready``. Without an answer bills say nothing of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple


class LateTerms(NamedTuple):
    """
    The ladder for a category, as days after the due date; ``None`` where it has no such step. Fees are minor units
    before tax, 0 where there is none.
    """

    minimum_minor: int
    remind_after: int | None
    fee_after: int | None
    fee_minor: int
    bar_after: int | None
    reconnection_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LateNotice:
    """What a bill says of being paid late: first days on which it may happen, and fees in minor units before tax."""

    remind_on: date | None
    fee_on: date | None
    fee_minor: int
    bar_on: date | None
    reconnection_minor: int


# Of a day and a currency: the terms by category, those of every other category under the empty one.
LateTermsOf = Callable[[date, str], Mapping[str, LateTerms]]


@dataclass(slots=True)
class _Answers:
    late_terms: LateTermsOf | None = None


_answers = _Answers()


def answer_late_terms(late_terms: LateTermsOf) -> None:
    """Say who answers."""
    _answers.late_terms = late_terms


def freeze_late_terms(*, on: date, currency: str) -> dict[str, Any]:
    """Return what a run keeps of the terms that hold on its due date, as plain JSON; nothing where there are none."""
    found = _answers.late_terms(on, currency) if _answers.late_terms else {}
    return {"late_terms": {category: list(terms) for category, terms in found.items()}} if found else {}


def late_notice(*, reference: Mapping[str, Any], category: str, due_on: date, due_minor: int) -> LateNotice | None:
    """
    Return what a bill says of being paid late, or ``None``: nothing is due, or so little that nobody is reminded.

    :param reference: what the run froze
    :param due_minor: what is to be paid
    """
    frozen = reference.get("late_terms", {})
    found = frozen.get(category) or frozen.get("")
    terms = LateTerms(*found) if found else None
    if terms is None or due_minor <= 0 or due_minor < terms.minimum_minor:
        return None
    return LateNotice(
        remind_on=_day(due_on, terms.remind_after),
        fee_on=_day(due_on, terms.fee_after),
        fee_minor=terms.fee_minor,
        bar_on=_day(due_on, terms.bar_after),
        reconnection_minor=terms.reconnection_minor,
    )


def _day(due_on: date, after: int | None) -> date | None:
    return None if after is None else due_on + timedelta(days=after)
