"""What the reports of money look like."""

from django.utils.translation import gettext_noop

from reports.domain.definition import Definition, Drawing, Kind, Picture, ReportField, Span
from reports.queries.money import (
    read_agents,
    read_collection,
    read_debts,
    read_revenue,
    read_revenue_accounts,
    read_settlements,
)
from reports.queries.places import DEPARTMENT, HALL, MONTH

GROUP = gettext_noop("Money")
# What of the month's receivable should have come in, in tenths of a percent.
TARGET = 950


def _money(label: str, *, total: bool = True) -> ReportField:
    return ReportField(label=label, kind=Kind.MONEY, total=total)


COLLECTION = Definition(
    code="collection",
    title=gettext_noop("Receivable, received and collection rate"),
    about=gettext_noop(
        "Billed less credited, and paid less taken back, in a month, by the department and service centre of the"
        " account, wherever it was paid. Owed before + receivable - received + other = owed at its end. Each department"
        " confirms its own figures."
    ),
    group=GROUP,
    permission="reports.view_reports",
    span=Span.MONTH,
    is_confirmed=True,
    fields=(
        ReportField(label=DEPARTMENT, kind=Kind.NAME),
        ReportField(label=HALL, kind=Kind.NAME),
        _money(gettext_noop("Receivable")),
        _money(gettext_noop("Money received")),
        ReportField(label=gettext_noop("Collection rate"), kind=Kind.PERCENT, share_of=(3, 2)),
        _money(gettext_noop("Owed before")),
        _money(gettext_noop("Other")),
        _money(gettext_noop("Owed at its end")),
    ),
    read=read_collection,
    empty=gettext_noop("Nothing was billed or paid in this month."),
    drawing=Drawing(
        kind=Picture.BARS, title=gettext_noop("Collection rate by department"), label=0, values=(4,), target=TARGET
    ),
)
COLLECTION_BY_AGENT = Definition(
    code="collection-by-agent",
    title=gettext_noop("What agents took and handed over"),
    about=gettext_noop(
        "Taken by each network of terminals for us, less taken back; handed over; the share of it; what it still has."
    ),
    group=GROUP,
    permission="reports.view_reports",
    span=Span.MONTH,
    is_by_department=False,
    fields=(
        ReportField(label=gettext_noop("Agent")),
        _money(gettext_noop("Receivable")),
        _money(gettext_noop("Money received")),
        ReportField(label=gettext_noop("Collection rate"), kind=Kind.PERCENT, share_of=(2, 1)),
        _money(gettext_noop("Not handed over before")),
        _money(gettext_noop("Not handed over at its end")),
    ),
    read=read_agents,
    empty=gettext_noop("There is no agent yet."),
    drawing=Drawing(kind=Picture.BARS, title=gettext_noop("Taken by agent"), label=0, values=(1,)),
)
SETTLEMENTS = Definition(
    code="settlements",
    title=gettext_noop("Settlements by hour"),
    about=gettext_noop(
        "Payments by hour of the day, in local time, and what was taken back: by the service centre of the till, of"
        " money that no till took by that of the account."
    ),
    group=GROUP,
    permission="reports.view_reports",
    span=Span.DAYS,
    fields=(
        ReportField(label=HALL, kind=Kind.NAME),
        ReportField(label=gettext_noop("Hour"), kind=Kind.CODE),
        ReportField(label=gettext_noop("Payments"), kind=Kind.COUNT, total=True),
        _money(gettext_noop("Amount")),
        ReportField(label=gettext_noop("Taken back"), kind=Kind.COUNT, total=True),
        _money(gettext_noop("Amount taken back")),
    ),
    read=read_settlements,
    empty=gettext_noop("Nothing was paid on these days."),
    drawing=Drawing(kind=Picture.HEAT, title=gettext_noop("Payments by hour"), label=0, across=1, values=(2,)),
)
REVENUE_BY_MONTH = Definition(
    code="revenue-by-month",
    title=gettext_noop("Revenue and expense, month by month"),
    about=gettext_noop(
        "Thirteen months of revenue by kind of service, without tax; what was lost to bad debts and charged by banks."
    ),
    group=GROUP,
    permission="reports.view_reports",
    span=Span.YEAR,
    is_by_department=False,
    fields=(
        ReportField(label=MONTH, kind=Kind.CODE),
        _money(gettext_noop("Fixed lines")),
        _money(gettext_noop("Mobile lines")),
        _money(gettext_noop("Internet lines")),
        _money(gettext_noop("Other revenue")),
        _money(gettext_noop("Revenue")),
        _money(gettext_noop("Bad debts")),
        _money(gettext_noop("Charges of banks")),
        _money(gettext_noop("Left of it")),
    ),
    read=read_revenue,
    empty=gettext_noop("Nothing was billed yet."),
    drawing=Drawing(kind=Picture.LINES, title=gettext_noop("Revenue by service"), label=0, values=(1, 2, 3, 4)),
)
REVENUE_BY_ACCOUNT = Definition(
    code="revenue-by-account",
    title=gettext_noop("Revenue and expense by account of the books"),
    about=gettext_noop("What each account of revenue, of bad debts and of expenses moved by in these days."),
    group=GROUP,
    permission="reports.view_reports",
    span=Span.DAYS,
    is_by_department=False,
    fields=(
        ReportField(label=gettext_noop("Account of the books"), kind=Kind.CODE),
        _money(gettext_noop("Revenue")),
        _money(gettext_noop("Bad debts")),
        _money(gettext_noop("Charges of banks")),
    ),
    read=read_revenue_accounts,
    empty=gettext_noop("Nothing was earned or lost on these days."),
    drawing=Drawing(kind=Picture.BARS, title=gettext_noop("Revenue by account"), label=0, values=(1,)),
)
DEBTS_BY_MONTH = Definition(
    code="debts-by-month",
    title=gettext_noop("What subscribers owe, month by month"),
    about=gettext_noop(
        "Thirteen months: owed before, billed, credited, paid, taken back, written off, owed at the end."
    ),
    group=GROUP,
    permission="reports.view_reports",
    span=Span.YEAR,
    fields=(
        ReportField(label=MONTH, kind=Kind.CODE),
        _money(gettext_noop("Owed before"), total=False),
        _money(gettext_noop("Billed")),
        _money(gettext_noop("Credited")),
        _money(gettext_noop("Paid")),
        _money(gettext_noop("Payments taken back")),
        _money(gettext_noop("Written off")),
        _money(gettext_noop("Other")),
        _money(gettext_noop("Owed at its end"), total=False),
    ),
    read=read_debts,
    empty=gettext_noop("Nothing was billed yet."),
    drawing=Drawing(kind=Picture.LINES, title=gettext_noop("Owed at the end of the month"), label=0, values=(8,)),
)
