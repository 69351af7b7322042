"""Bad debts of a time: written off and recovered by age, reason and department, beside what the books say."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.utils.translation import gettext_noop

from billing_site.db.sql import fetch_sql
from billing_site.ledger.models import LedgerAccount
from payments.domain.ageing import CLASS_ENDS
from payments.models import WriteOff
from payments.queries.daily_summaries import OWN_ACCOUNTS, books_moves
from reports.domain.definition import (
    Answer,
    Control,
    Definition,
    Drawing,
    Kind,
    Picture,
    Question,
    ReportField,
    Span,
)
from reports.queries.money_reports import GROUP
from reports.queries.places import DEPARTMENT, drill_behind, places_of

HALF_YEAR, YEAR = 180, 365
# Days overdue when the debt was given up: to which end a class reaches, the last one without end.
AGE_ENDS = (*CLASS_ENDS, HALF_YEAR, YEAR)


@dataclass(frozen=True, slots=True, kw_only=True)
class BadDebtRow:
    """
    Debts of one age, reason and department; amounts in minor units.

    :param age: the number of the class
    :param age_from: days overdue from which the class goes, ``age_to`` to which, ``None`` without end
    :param loss_minor: written off less recovered, without the tax that was taken back: what the books' account moved
    """

    age: int
    age_from: int
    age_to: int | None
    reason: str
    department_id: int
    department: Mapping[str, str]
    currency: str
    written_minor: int
    written_tax_minor: int
    recovered_minor: int
    recovered_tax_minor: int

    @property
    def loss_minor(self) -> int:
        """What the account of bad debts moved by."""
        return self.written_minor - self.written_tax_minor - self.recovered_minor + self.recovered_tax_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class BadDebtReport:
    """The rows, and what the books say of the same days."""

    rows: tuple[BadDebtRow, ...]
    books_minor: int

    @property
    def loss_minor(self) -> int:
        """The sum of the rows."""
        return sum(row.loss_minor for row in self.rows)

    @property
    def is_agreed(self) -> bool:
        """Whether rows and books say the same."""
        return self.loss_minor == self.books_minor


def age_ends(age: int) -> tuple[int, int | None]:
    """Return from and to which day a class of age goes; ``None`` without end."""
    return AGE_ENDS[age - 1] + 1 if age else 0, AGE_ENDS[age] if age < len(AGE_ENDS) else None


def age_label(row: BadDebtRow) -> str:
    """Return the class of age in days."""
    return f"> {row.age_from - 1}" if row.age_to is None else f"{row.age_from}–{row.age_to}"


def read_bad_debts(question: Question) -> Answer:
    """Return bad debts by age, reason and department; of the whole network beside what the books say."""
    is_all = question.department_id is None and question.centre_id is None
    report = report_bad_debts(
        first=question.first,
        last=question.last,
        currency=settings.SALDO_CURRENCY,
        centre_ids=None if is_all else list(places_of(question)),
    )
    rows = [
        (
            age_label(row),
            row.reason,
            row.department,
            row.written_minor,
            row.written_tax_minor,
            row.recovered_minor,
            row.recovered_tax_minor,
            row.loss_minor,
        )
        for row in report.rows
    ]
    label = gettext_noop("Loss, and the same in the books")
    control = Control(label=label, ours=report.loss_minor, theirs=report.books_minor)
    drills = [
        drill_behind("written-bills", question, department=row.department_id, age=str(row.age), given_up=row.reason)
        for row in report.rows
    ]
    return Answer(rows=rows, drills=drills, controls=(control,) if is_all else ())


BAD_DEBTS = Definition(
    code="bad-debts",
    title=gettext_noop("Report of bad debts"),
    about=gettext_noop("Ages are days overdue when the debt was written off."),
    group=GROUP,
    permission="reports.view_reports",
    span=Span.DAYS,
    fields=(
        ReportField(label=gettext_noop("Age in days"), kind=Kind.CODE),
        ReportField(label=gettext_noop("Reason"), kind=Kind.WORD, words=dict(WriteOff.Reason.choices)),
        ReportField(label=DEPARTMENT, kind=Kind.NAME),
        ReportField(label=gettext_noop("Written off"), kind=Kind.MONEY, total=True),
        ReportField(label=gettext_noop("Tax in it"), kind=Kind.MONEY, total=True),
        ReportField(label=gettext_noop("Recovered"), kind=Kind.MONEY, total=True),
        ReportField(label=gettext_noop("Tax in it"), kind=Kind.MONEY, total=True),
        ReportField(label=gettext_noop("Loss"), kind=Kind.MONEY, total=True),
    ),
    read=read_bad_debts,
    empty=gettext_noop("Nothing was written off or recovered on these days."),
    drawing=Drawing(kind=Picture.BARS, title=gettext_noop("Written off by age"), label=0, values=(3,)),
)


def report_bad_debts(
    *, first: date, last: date, currency: str, centre_ids: Collection[int] | None = None
) -> BadDebtReport:
    """
    Return the bad debts of the days from ``first`` to ``last``, both included, in a currency.

    :param centre_ids: of accounts of these service centres; ``None`` for all
    """
    asked = {"first": first, "last": last, "currency": currency, "ends": list(AGE_ENDS)}
    whose = {"is_all": centre_ids is None, "centres": list(centre_ids or ())}
    rows = tuple(
        BadDebtRow(
            age=age,
            age_from=age_ends(age)[0],
            age_to=age_ends(age)[1],
            reason=reason,
            department_id=department_id,
            department=json.loads(names),
            currency=currency,
            written_minor=int(written),
            written_tax_minor=int(written_tax),
            recovered_minor=int(recovered),
            recovered_tax_minor=int(recovered_tax),
        )
        for age, reason, department_id, names, written, written_tax, recovered, recovered_tax in fetch_sql(
            "reports", "bad_debts", {**asked, **whose}
        )
    )
    return BadDebtReport(rows=rows, books_minor=_moved(currency, first=first, last=last))


def _moved(currency: str, *, first: date, last: date) -> int:
    """Return what the books' accounts of bad debts moved by, from the daily summary."""
    of_kind = LedgerAccount.objects.filter(kind=LedgerAccount.Kind.BAD_DEBT, currency=currency)
    accounts = set(of_kind.values_list("pk", flat=True))
    moves = books_moves(first=first, last=last, centre_ids=[OWN_ACCOUNTS])
    return sum(move.net_minor for move in moves if move.ledger_account_id in accounts)
