"""Reading billing against accounting: comparisons, figures, differences, cases, and the entries behind an account."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from django.db.models import Count, Q, QuerySet

from billing_site.db.sql import fetch_sql
from reconciliation.models import (
    AccountingLine,
    BookCase,
    BookCause,
    BookComparison,
    BookDifference,
    BookFigure,
    BookMovement,
)
from subscribers.models import Account


class AccountEntry(NamedTuple):
    """One posting on an account: its day, document, the other account, minor units (debits positive)."""

    posted_on: date
    source_type: str
    source_id: str
    other_code: str
    minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountBooks:
    """An account in both books: what is owed before some days, the entries, accounting's lines, differences."""

    account: Account | None
    opening_minor: int
    entries: Sequence[AccountEntry]
    lines: Sequence[AccountingLine]
    differences: Sequence[BookDifference]

    @property
    def closing_minor(self) -> int:
        """What is owed after the days."""
        return self.opening_minor + sum(entry.minor for entry in self.entries)


def book_comparisons() -> QuerySet[BookComparison]:
    """Return all comparisons with ``open_count``: cases that nobody corrected."""
    is_open = Q(cases__state=BookCase.State.OPEN)
    counted = BookComparison.objects.annotate(open_count=Count("cases", filter=is_open))
    return counted.select_related("compared_by")


def figures_of(comparison_id: int) -> QuerySet[BookFigure]:
    """Return the figures of a comparison, fixed before mobile, by class."""
    figures = BookFigure.objects.filter(comparison_id=comparison_id).select_related("accounting_class", "total__file")
    return figures.order_by("accounting_class__section", "accounting_class__code")


def movements_of(comparison_id: int) -> list[BookMovement]:
    """Return the movements of a comparison, fixed before mobile."""
    return list(BookMovement.objects.filter(comparison_id=comparison_id).order_by("section"))


def differences_of(comparison_id: int, *, class_code: str = "") -> QuerySet[BookDifference]:
    """Return the lines that differ, of all classes or of one, with their cases."""
    found = BookDifference.objects.filter(comparison_id=comparison_id)
    if class_code:
        found = found.filter(accounting_class__code=class_code)
    return found.select_related("accounting_class", "case")


def book_cases(
    *, state: str = "", kind: str = "", section: str = "", owner_id: int | None = None, comparison_id: int | None = None
) -> QuerySet[BookCase]:
    """Return cases with their people; what is left out filters nothing."""
    wishes = {
        "state": state or None,
        "kind": kind or None,
        "accounting_class__section": section or None,
        "owner_id": owner_id,
        "differences__comparison_id": comparison_id,
    }
    asked = {name: value for name, value in wishes.items() if value is not None}
    found = BookCase.objects.filter(**asked)
    people = ("owner", "cause", "corrected_by", "confirmed_by", "accounting_class", "comparison")
    return (found.distinct() if comparison_id is not None else found).select_related(*people)


def active_causes() -> QuerySet[BookCause]:
    """Return all causes in the order in which they are offered."""
    return BookCause.objects.order_by("position", "code")


def account_books(comparison: BookComparison, *, account_number: str) -> AccountBooks:
    """Return an account in both books on the days of a comparison."""
    account = Account.objects.select_related("subscriber").filter(number=account_number).first()
    days = {"first_on": comparison.first_on, "until_on": comparison.last_on + timedelta(days=1)}
    rows: list[tuple[object, ...]] = []
    if account is not None:
        rows = fetch_sql("reconciliation", "account_entries", {**days, "account_id": account.ledger_account_id})
    opening = next((int(str(row[5])) for row in rows if row[0] == "OPENING"), 0)
    files = comparison.figures.values("total__file_id")
    lines = AccountingLine.objects.filter(account_number=account_number, file_id__in=files)
    return AccountBooks(
        account=account,
        opening_minor=opening,
        entries=[AccountEntry(*row[1:]) for row in rows if row[0] == "ENTRY"],  # type: ignore[arg-type]
        lines=list(lines.select_related("accounting_class").order_by("accounting_class__code")),
        differences=list(differences_of(comparison.pk).filter(account_number=account_number)),
    )


def count_open_book_cases() -> int:
    """Return how many differences between billing and accounting wait for somebody."""
    return BookCase.objects.filter(state=BookCase.State.OPEN).count()
