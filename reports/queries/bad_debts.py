"""Bad debts of a time: written off and recovered by age, reason and department, beside what the books say."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.conf import settings
from django.utils.translation import gettext_noop

from billing_site.ledger.balances import turnover_of
from billing_site.ledger.models import LedgerAccount
from payments.domain.ageing import CLASS_ENDS, days_overdue
from payments.models import BadDebtRecovery, WriteOff, WriteOffItem
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
from reports.queries.places import DEPARTMENT, places_of

ONE_DAY = timedelta(days=1)
HALF_YEAR, YEAR = 180, 365
# Days overdue when the debt was given up: to which end a class reaches, the last one without end.
AGE_ENDS = (*CLASS_ENDS, HALF_YEAR, YEAR)


@dataclass(frozen=True, slots=True, kw_only=True)
class BadDebtRow:
    """
    Debts of one age, reason and department; amounts in minor units.

    :param age_from: days overdue from which the class goes, ``age_to`` to which, ``None`` without end
    :param loss_minor: written off less recovered, without the tax that was taken back: what the books' account moved
    """

    age_from: int
    age_to: int | None
    reason: str
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
    return Answer(rows=rows, controls=(control,) if is_all else ())


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


@dataclass(slots=True)
class _Sums:
    """Amounts by (class of age, reason, department), and the departments' names."""

    amounts: dict[tuple[int, str, int], tuple[int, int, int, int]] = field(default_factory=dict)
    departments: dict[int, Mapping[str, str]] = field(default_factory=dict)


def report_bad_debts(
    *, first: date, last: date, currency: str, centre_ids: Collection[int] | None = None
) -> BadDebtReport:
    """
    Return the bad debts of the days from ``first`` to ``last``, both included, in a currency.

    :param centre_ids: of accounts of these service centres; ``None`` for all
    """
    found = _Sums()
    items = WriteOffItem.objects.filter(
        write_off__state=WriteOff.State.APPROVED,
        write_off__currency=currency,
        write_off__posted_on__range=(first, last),
        written_minor__gt=0,
    )
    back = BadDebtRecovery.objects.filter(item__write_off__currency=currency, recovered_on__range=(first, last))
    if centre_ids is not None:
        items = items.filter(account__centre__in=centre_ids)
        back = back.filter(item__account__centre__in=centre_ids)
    for item in items.select_related("write_off", "account__centre__department"):
        _add(found, item, (item.written_minor, item.tax_minor, 0, 0))
    for recovery in back.select_related("item__write_off", "item__account__centre__department"):
        _add(found, recovery.item, (0, 0, recovery.amount_minor, recovery.tax_minor))
    rows = [
        BadDebtRow(
            age_from=AGE_ENDS[age - 1] + 1 if age else 0,
            age_to=AGE_ENDS[age] if age < len(AGE_ENDS) else None,
            reason=reason,
            department=found.departments[department_id],
            currency=currency,
            written_minor=amounts[0],
            written_tax_minor=amounts[1],
            recovered_minor=amounts[2],
            recovered_tax_minor=amounts[3],
        )
        for (age, reason, department_id), amounts in sorted(found.amounts.items())
    ]
    return BadDebtReport(rows=tuple(rows), books_minor=_moved(currency, first=first, last=last))


def _add(found: _Sums, item: WriteOffItem, amounts: tuple[int, int, int, int]) -> None:
    """Add amounts (written off, tax in it, recovered, tax in it) to the row of an item."""
    department = item.account.centre.department
    found.departments[department.pk] = department.names
    days = days_overdue(item.due_on, on=item.write_off.posted_on or item.write_off.as_of)
    key = (sum(1 for end in AGE_ENDS if days > end), item.write_off.reason, department.pk)
    before = found.amounts.get(key, (0, 0, 0, 0))
    found.amounts[key] = (
        before[0] + amounts[0],
        before[1] + amounts[1],
        before[2] + amounts[2],
        before[3] + amounts[3],
    )


def _moved(currency: str, *, first: date, last: date) -> int:
    account = LedgerAccount.objects.filter(kind=LedgerAccount.Kind.BAD_DEBT, currency=currency)
    moved = 0
    for pk in account.values_list("pk", flat=True):
        debits, credits_ = turnover_of(pk, first=first, until=last + ONE_DAY)
        moved += debits - credits_
    return moved
