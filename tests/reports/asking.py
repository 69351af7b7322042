"""Asking reports, and proving that summaries are the facts."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from billing_site.console.books import invariants_named
from reports.domain.definition import Answer, Question
from reports.queries.catalogue import REPORTS

SUMMARIES = (
    "subscribers.daily_counts_are_the_lines",
    "subscribers.month_counts_are_the_days",
    "payments.books_days_are_the_entries",
    "payments.books_months_are_the_days",
    "payments.receipt_days_are_the_payments",
    "payments.debt_ages_add_up",
    "payments.debt_nights_are_the_books",
)


def ask(code: str, first: date, last: date, **whose: Any) -> Answer:
    return REPORTS[code].read(Question(first=first, last=last, **whose))


def rows_of(code: str, first: date, last: date, **whose: Any) -> list[Any]:
    return [plain(row) for row in ask(code, first, last, **whose).rows]


def plain(row: Sequence[Any]) -> tuple[Any, ...]:
    """Return a row with English names alone."""
    return tuple(cell.get("en", "") if isinstance(cell, dict) else cell for cell in row)


def findings() -> list[str]:
    return [f"{one.subject}: {one.detail}" for invariant in invariants_named(SUMMARIES) for one in invariant.findings()]
