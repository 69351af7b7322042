"""Reading statements: lists, what became of the lines, and whether the sums agree."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet

from billing_site.db.sql import fetch_sql
from reconciliation.models import BankAccount, Match, Statement, StatementLine


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementSums:
    """
    What became of the receipts of a statement, in minor units; ``total_minor`` comes from the lines, the parts from the
    payments and what is left of them.
    """

    receipt_count: int = 0
    total_minor: int = 0
    matched_count: int = 0
    accepted_minor: int = 0
    parked_minor: int = 0
    left_count: int = 0
    left_minor: int = 0
    returned_minor: int = 0
    duplicate_count: int = 0
    duplicate_minor: int = 0
    other_count: int = 0
    other_minor: int = 0

    @property
    def difference_minor(self) -> int:
        """What is in no part: nothing."""
        return self.total_minor - self.accepted_minor - self.parked_minor - self.left_minor - self.returned_minor


def bank_accounts() -> QuerySet[BankAccount]:
    """Return the bank accounts with how many statements each has held, to be ordered by ``id``."""
    return BankAccount.objects.annotate(
        held_count=Count("statements", filter=Q(statements__state=Statement.State.HELD)),
        statement_count=Count("statements"),
    )


def filter_statements(
    *, bank_account_id: int | None = None, state: str = "", first: date | None = None, last: date | None = None
) -> QuerySet[Statement]:
    """Return statements with their lines counted; what is left out filters nothing, both days are included."""
    wishes: dict[str, Any] = {
        "bank_account_id": bank_account_id,
        "state": state,
        "file__loaded_at__date__gte": first,
        "file__loaded_at__date__lte": last,
    }
    asked = {name: value for name, value in wishes.items() if value not in {None, ""}}
    states = StatementLine.State
    return (
        Statement.objects.filter(**asked)
        .select_related("bank_account", "file")
        .annotate(
            matched_count=Count("lines", filter=Q(lines__state=states.MATCHED)),
            suspense_count=Count("lines", filter=Q(lines__state=states.SUSPENSE)),
            duplicate_count=Count("lines", filter=Q(lines__state=states.DUPLICATE)),
        )
    )


def find_statement(statement_id: int) -> Statement | None:
    """Return a statement with its account, its file and who decided on it, or ``None``."""
    related = ("bank_account", "file__loaded_by", "decided_by")
    return Statement.objects.select_related(*related).filter(pk=statement_id).first()


def filter_lines(*, statement_id: int, state: str = "", kind: str = "") -> QuerySet[StatementLine]:
    """Return the lines of a statement; what is left out filters nothing."""
    wishes = {"state": state, "kind": kind}
    asked = {name: value for name, value in wishes.items() if value}
    return StatementLine.objects.filter(statement_id=statement_id, **asked).select_related(
        "payment__account", "payment__reversal", "duplicate_of"
    )


def matches_of(line_ids: list[int]) -> Mapping[int, list[Match]]:
    """Return the matches of lines that stand, by line, in their order."""
    found: dict[int, list[Match]] = {}
    rows = Match.objects.filter(line_id__in=line_ids, undone_at__isnull=True).select_related("account", "matched_by")
    for match in rows.order_by("pk"):
        found.setdefault(match.line_id, []).append(match)
    return found


def statement_sums(statement_id: int) -> StatementSums:
    """Return what became of a statement's receipts."""
    (row,) = fetch_sql("reconciliation", "sum_statement", {"statement_id": statement_id})
    names = (
        "receipt_count", "total_minor", "matched_count", "accepted_minor", "parked_minor", "left_count", "left_minor",
        "returned_minor", "duplicate_count", "duplicate_minor", "other_count", "other_minor",
    )  # fmt: skip
    return StatementSums(**{name: int(value) for name, value in zip(names, row, strict=True)})


def count_held_statements() -> int:
    """Return how many statements are held."""
    return Statement.objects.filter(state=Statement.State.HELD).count()
