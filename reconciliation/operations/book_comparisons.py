"""Billing against accounting: the days' figures are compared class by class, and each difference becomes a case."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings

from billing_site.audit.recording import record
from billing_site.core.clock import operator_zone
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.crash_points import crash_point
from billing_site.db.sql import fetch_sql
from billing_site.db.transactions import durable, take_time, transaction_required
from billing_site.identity.models import User
from reconciliation.domain.book_cases import FoundCase, LineDifference, name_cases
from reconciliation.models import (
    AccountingTotal,
    BookCase,
    BookComparison,
    BookDifference,
    BookFigure,
    BookMovement,
    Section,
)
from reconciliation.models.accounting import COMPARED
from reconciliation.queries.accounting_files import totals_of_days

# More lines than that differ only where the file is of other days or classes.
MAX_DIFFERENCES = 100_000
# What nobody has corrected yet is described anew by each comparison.
UNSETTLED = frozenset({BookCase.State.OPEN, BookCase.State.GONE})
# Of each kind of difference, the columns of a figure that its two sides go into.
_COLUMNS: Mapping[str, tuple[str, str]] = {
    "MISSING_THERE": ("missing_there_minor", "amount_their_minor"),
    "MISSING_HERE": ("amount_our_minor", "missing_here_minor"),
    "OTHER_AMOUNT": ("amount_our_minor", "amount_their_minor"),
    "ADVANCE_AS_REVENUE": ("advance_our_minor", "advance_their_minor"),
    "OTHER_SUBSCRIBER": ("moved_our_minor", "moved_their_minor"),
}


class NothingToCompare(BillingError):
    """No file of these days."""

    default_message = gettext_noop(
        "No file of the accounting ledger is loaded for %(first)s to %(last)s. Load one; nothing was compared."
    )
    default_code = "NOTHING_TO_COMPARE"


class ClassMissing(BillingError):
    """Something of ours is in no class."""

    default_message = gettext_noop(
        "No accounting class holds %(what)s. Say in which class it is kept; nothing was compared."
    )
    default_code = "CLASS_MISSING"


class TooManyDifferences(BillingError):
    """The file is not of these days, or not of these classes."""

    default_message = gettext_noop(
        "More than %(limit)s lines differ: the file is of other days or other classes. Nothing was compared."
    )
    default_code = "TOO_MANY_DIFFERENCES"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonOutcome:
    """How a comparison ended: its row, the lines that differ, and the cases that are open."""

    comparison: BookComparison
    line_count: int
    open_count: int


@durable
def compare_books(
    *, first_on: date, last_on: date, compared_at: datetime, actor: User | None = None
) -> ComparisonOutcome:
    """
    Compare what the accounting files of some days say with our books. Repeating it changes nothing that was corrected.

    :param first_on: first and ``last_on`` last day, as the files were loaded for
    :param compared_at: its day in the operator's zone is the day on which new cases are found
    :raises NothingToCompare: no file with a class that is compared is loaded for these days
    :raises ClassMissing: something of ours is in no class
    :raises TooManyDifferences: more than 100,000 lines differ
    """
    return write_comparison(first_on=first_on, last_on=last_on, compared_at=compared_at, actor=actor)


@transaction_required
def write_comparison(*, first_on: date, last_on: date, compared_at: datetime, actor: User | None) -> ComparisonOutcome:
    """Compare inside the caller's transaction; arguments and refusals are those of ``compare_books``."""
    take_time()
    comparison = _locked(first_on, last_on)
    totals = {total.accounting_class_id: total for total in totals_of_days(first_on=first_on, last_on=last_on)}
    chosen = {key: total for key, total in totals.items() if total.accounting_class.measure in COMPARED}
    if not chosen:
        raise NothingToCompare(context={"first": first_on, "last": last_on})
    days = {"first_on": first_on, "until_on": last_on + timedelta(days=1), "currency": comparison.currency}
    wish = {**days, "totals": [total.pk for total in chosen.values()], "most": MAX_DIFFERENCES + 1}
    rows = fetch_sql("reconciliation", "compare_books", wish)
    lines = [LineDifference(row[1], row[2], row[3], row[5], row[7]) for row in rows if row[0] == "LINE"]
    _refuse_unsound([row for row in rows if row[0] == "NO_CLASS"], lines)
    found = name_cases(lines)
    _forget(comparison)
    cases = _write_cases(comparison, found, compared_on=compared_at.astimezone(operator_zone()).date())
    crash_point("reconciliation.compare_books.cases")
    _write_differences(comparison, cases)
    figures = [row for row in rows if row[0] == "CLASS"]
    _write_figures(comparison, figures, found, {key: total.pk for key, total in chosen.items()})
    _write_movements(comparison, days, totals.values())
    comparison.compared_by, comparison.compared_at = actor, compared_at
    comparison.save(update_fields=["compared_by", "compared_at"])
    open_count = comparison.cases.filter(state=BookCase.State.OPEN).count()
    told = {"days": str(comparison), "lines": len(lines), "cases": len(found), "open": open_count}
    crash_point("reconciliation.compare_books.written")
    record("reconciliation.compare_books", actor=actor, subject=comparison, changes=told)
    return ComparisonOutcome(comparison=comparison, line_count=len(lines), open_count=open_count)


def _locked(first_on: date, last_on: date) -> BookComparison:
    comparison, _is_new = BookComparison.objects.get_or_create(
        first_on=first_on, last_on=last_on, defaults={"currency": settings.SALDO_CURRENCY}
    )
    return BookComparison.objects.select_for_update(of=("self",)).get(pk=comparison.pk)


def _refuse_unsound(unknown: Sequence[tuple[object, ...]], lines: Sequence[LineDifference]) -> None:
    if unknown:
        raise ClassMissing(context={"what": ", ".join(f"{row[2]} {row[3]}".strip() for row in unknown)})
    if len(lines) > MAX_DIFFERENCES:
        raise TooManyDifferences(context={"limit": MAX_DIFFERENCES})


@transaction_required
def _forget(comparison: BookComparison) -> None:
    """Take away what an earlier comparison of these days came to; its cases stay."""
    comparison.differences.all().delete()
    comparison.figures.all().delete()
    comparison.movements.all().delete()


@transaction_required
def _write_cases(
    comparison: BookComparison, found: Sequence[FoundCase], *, compared_on: date
) -> list[tuple[FoundCase, int]]:
    """Know cases again or open them, and return what was found with the ids of the cases; open ones not found go."""
    known = _known_cases(comparison, found)
    fresh: list[BookCase] = []
    again: list[BookCase] = []
    pairs: list[tuple[FoundCase, BookCase]] = []
    for one in found:
        case = known.get(_key_of(one, comparison))
        if case is not None and case.state in UNSETTLED:
            _describe(case, one)
        elif case is None:
            case = _carried(one, known) or _new_case(one, comparison, compared_on)
        if case.pk is None:
            fresh.append(case)
        elif case.state in UNSETTLED:
            case.comparison, case.state = comparison, BookCase.State.OPEN
            again.append(case)
        pairs.append((one, case))
    BookCase.objects.bulk_create(fresh, batch_size=1000)
    changing = ["comparison", "kind", "our_minor", "their_minor", "difference_minor", "state"]
    BookCase.objects.bulk_update(again, changing, batch_size=1000)
    ids = [case.pk for _one, case in pairs]
    comparison.cases.filter(state=BookCase.State.OPEN).exclude(pk__in=ids).update(state=BookCase.State.GONE)
    return [(one, case.pk) for one, case in pairs]


CaseKey = tuple[int, str, str, int, date | None]


def _key_of(one: FoundCase, comparison: BookComparison) -> CaseKey:
    since = None if one.is_balance else comparison.first_on
    return one.main.class_id, one.main.account_number, one.other_account_number, one.main.minor, since


def _known_cases(
    comparison: BookComparison, found: Iterable[FoundCase]
) -> dict[CaseKey | tuple[int, str, int], BookCase]:
    """Return cases of the same customers by their keys, and by the balances of earlier days that they explain."""
    numbers = {line.account_number for one in found for line in one.lines}
    cases = BookCase.objects.select_for_update(of=("self",)).filter(account_number__in=numbers).order_by("pk")
    known: dict[CaseKey | tuple[int, str, int], BookCase] = {}
    for case in cases:
        key = (case.accounting_class_id, case.account_number, case.other_account_number, case.difference_minor)
        known[(*key, case.turnover_from)] = case
    before = BookDifference.objects.filter(
        account_number__in=numbers,
        comparison__last_on__lt=comparison.first_on,
        accounting_class__measure__in=["RECEIVABLE", "ADVANCE"],
    )
    for difference in before.select_related("case").order_by("comparison__last_on", "pk"):
        minor = difference.our_minor - difference.their_minor
        known[difference.accounting_class_id, difference.account_number, minor] = difference.case
    return known


def _carried(one: FoundCase, known: Mapping[CaseKey | tuple[int, str, int], BookCase]) -> BookCase | None:
    """Return the case of earlier days whose balance is still there: a payment that was missing then is missing now."""
    if not one.is_balance:
        return None
    return known.get((one.main.class_id, one.main.account_number, one.main.minor))


def _new_case(one: FoundCase, comparison: BookComparison, found_on: date) -> BookCase:
    case = BookCase(
        first_comparison=comparison,
        comparison=comparison,
        found_on=found_on,
        accounting_class_id=one.main.class_id,
        account_number=one.main.account_number,
        other_account_number=one.other_account_number,
        turnover_from=None if one.is_balance else comparison.first_on,
    )
    _describe(case, one)
    return case


def _describe(case: BookCase, one: FoundCase) -> None:
    """Say what is found now: a balance moves on, its difference is the same."""
    case.kind = one.kind
    case.our_minor, case.their_minor, case.difference_minor = one.main.our_minor, one.main.their_minor, one.main.minor


@transaction_required
def _write_differences(comparison: BookComparison, cases: Iterable[tuple[FoundCase, int]]) -> None:
    BookDifference.objects.bulk_create(
        (
            BookDifference(
                comparison=comparison,
                accounting_class_id=line.class_id,
                account_number=line.account_number,
                our_minor=line.our_minor,
                their_minor=line.their_minor,
                case_id=case_id,
            )
            for one, case_id in cases
            for line in one.lines
        ),
        batch_size=2000,
    )


@transaction_required
def _write_figures(
    comparison: BookComparison,
    rows: Iterable[tuple[int, ...]],
    found: Iterable[FoundCase],
    totals: Mapping[int, int],
) -> None:
    """Write a figure for every class; the table's constraints prove that agreed and differing lines are both sums."""
    parts: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for one in found:
        for line in one.lines:
            ours, theirs = _COLUMNS[_kind_of_line(one, line)]
            parts[line.class_id][ours] += line.our_minor
            parts[line.class_id][theirs] += line.their_minor
    BookFigure.objects.bulk_create(
        BookFigure(
            comparison=comparison,
            accounting_class_id=row[1],
            total_id=totals[row[1]],
            our_count=row[4],
            our_minor=row[5],
            their_count=row[6],
            their_minor=row[7],
            matched_count=row[8],
            matched_minor=row[9],
            **parts[row[1]],
        )
        for row in rows
    )


def _kind_of_line(one: FoundCase, line: LineDifference) -> str:
    """Return the kind under which a line counts: in another class a payment that is missing is another amount."""
    if one.kind in {"ADVANCE_AS_REVENUE", "OTHER_SUBSCRIBER"} or line == one.main:
        return one.kind
    return "MISSING_THERE" if not line.their_minor else "MISSING_HERE" if not line.our_minor else "OTHER_AMOUNT"


@transaction_required
def _write_movements(comparison: BookComparison, days: Mapping[str, object], totals: Iterable[AccountingTotal]) -> None:
    """Write how what is owed came from opening to closing, fixed and mobile apart."""
    moves = {section: BookMovement(comparison=comparison, section=section) for section in Section.values}
    for section, closing, *steps in fetch_sql("reconciliation", "move_books", days):
        move = moves[section]
        move.closing_minor = closing
        move.opening_minor = closing - sum(steps)
        move.billed_minor, move.corrected_minor, move.paid_minor, move.written_off_minor, move.other_minor = steps
    for total in totals:
        held = total.accounting_class
        if held.measure in {"RECEIVABLE", "ADVANCE"}:
            move = moves[held.section]
            for name in ("opening", "debit", "credit", "closing"):
                added = getattr(total, f"{name}_minor")
                setattr(move, f"their_{name}_minor", getattr(move, f"their_{name}_minor") + added)
    BookMovement.objects.bulk_create(moves.values())
