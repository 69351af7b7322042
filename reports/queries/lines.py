"""Reports of lines and customers: begun and ended, why, who they are."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy, gettext_noop

from billing_site.core.periods import add_months, month_of
from billing_site.db.sql import fetch_sql
from reports.domain.definition import (
    Answer,
    Definition,
    Drawing,
    Kind,
    Picture,
    Question,
    ReportField,
    Span,
    Usual,
)
from reports.queries.places import DEPARTMENT, MONTH, Place, drill_behind, drill_of_month, places_of
from subscribers.models import DailyCount, Subscription
from subscribers.queries.daily_counts import movements_of, reasons_of
from subscribers.queries.words import CATEGORIES
from tariffs.queries.words import SERVICE_KINDS

GROUP = gettext_noop("Lines and customers")
BEGUN: Mapping[str, Any] = {"": gettext_lazy("New line")}
REASONS: Mapping[str, Any] = {**BEGUN, **dict(Subscription.EndReason.choices)}
LINE_KINDS = tuple(SERVICE_KINDS)
# In an address, in the place of a reason: lines that began, which need none.
BEGUN_CODE = "BEGUN"
BEFORE, ENDED = "BEFORE", "ENDED"


def read_movements(question: Question) -> Answer:
    """Return what was there, began, ended and is there, by department and kind of line."""
    places = places_of(question)
    sums: dict[tuple[str, str], list[int]] = {}
    names: dict[str, Place] = {}
    for move in movements_of(first=question.first, last=question.last):
        place = places.get(move.centre_id)
        if place is None or move.kind in DailyCount.NO_LINES:
            continue
        names[place.codes[0]] = place
        found = sums.setdefault((place.codes[0], move.kind), [0, 0, 0])
        for index, count in enumerate((move.opening, move.begun, move.ended)):
            found[index] += count
    shown = [(code, kind, counts) for (code, kind), counts in sorted(sums.items()) if any(counts)]
    return Answer(
        rows=[
            (names[code].department, kind, opening, begun, ended, opening + begun - ended)
            for code, kind, (opening, begun, ended) in shown
        ],
        drills=[
            drill_behind("line-moves", question, department=names[code].department_id, kind=kind)
            for code, kind, _counts in shown
        ],
    )


def read_reasons(question: Question) -> Answer:
    """Return how many lines began and ended by day, department and reason."""
    places = places_of(question)
    sums: dict[tuple[date, str, str], list[int]] = {}
    names: dict[str, Place] = {}
    for count in reasons_of(first=question.first, last=question.last):
        place = places.get(count.centre_id)
        if place is None:
            continue
        names[place.codes[0]] = place
        found = sums.setdefault((count.day, place.codes[0], count.reason), [0, 0])
        found[0] += count.begun
        found[1] += count.ended
    rows = [(day, names[code].department, reason, *counts) for (day, code, reason), counts in sorted(sums.items())]
    drills = [
        drill_behind(
            "line-moves",
            replace(question, first=day, last=day),
            department=names[code].department_id,
            reason=reason or BEGUN_CODE,
        )
        for day, code, reason in sorted(sums)
    ]
    return Answer(rows=rows, drills=drills)


def read_customers(question: Question) -> Answer:
    """Return accounts and lines that are there, by department and category, and how the accounts moved on the day."""
    places = places_of(question)
    sums: dict[tuple[str, str], Counter[str]] = {}
    names: dict[str, Place] = {}
    for move in movements_of(first=question.last, last=question.last):
        place = places.get(move.centre_id)
        if place is not None:
            names[place.codes[0]] = place
            found = sums.setdefault((place.codes[0], move.category), Counter())
            found[move.kind] += move.closing
            if move.kind == DailyCount.ACCOUNT:
                found.update({BEFORE: move.opening, BEGUN_CODE: move.begun, ENDED: move.ended})
    shown = [(code, category, counts) for (code, category), counts in sorted(sums.items()) if any(counts.values())]
    rows = [
        (
            names[code].department,
            category,
            counts[DailyCount.ACCOUNT],
            *(counts[kind] for kind in LINE_KINDS),
            sum(counts[kind] for kind in LINE_KINDS),
            *(counts[name] for name in (BEFORE, BEGUN_CODE, ENDED)),
        )
        for code, category, counts in shown
    ]
    drills = [
        drill_behind("accounts-there", question, department=names[code].department_id, category=category)
        for code, category, _counts in shown
    ]
    return Answer(rows=rows, drills=drills)


def read_lines_by_month(question: Question) -> Answer:
    """Return thirteen months of lines: there, begun, ended, there, and suspended at the month's end."""
    centres = list(places_of(question))
    first = add_months(question.month, -12)
    last = min(month_of(question.last).last_day, question.last)
    asked = {"first": first, "last": last, "centres": centres}
    asked |= {"account": DailyCount.ACCOUNT, "suspended": DailyCount.SUSPENDED}
    moved = {month: tuple(map(int, counts)) for month, *counts in fetch_sql("reports", "lines_by_month", asked)}
    before = moved.pop(None, (0, 0, 0))
    opening, suspended = before[0] - before[1], before[2]
    rows, drills = [], []
    for number in range(13):
        month = add_months(first, number)
        drills.append(drill_of_month("line-reasons", month, question))
        begun, ended, more_suspended = moved.get(month, (0, 0, 0))
        closing, suspended = opening + begun - ended, suspended + more_suspended
        rows.append((month.strftime("%Y-%m"), opening, begun, ended, closing, suspended))
        opening = closing
    return Answer(rows=rows, drills=drills)


LINE_MOVEMENTS = Definition(
    code="line-movements",
    title=gettext_noop("Lines activated and deactivated"),
    about=gettext_noop("Lines before the first day, activated, deactivated, and there at the end of the last day."),
    group=GROUP,
    permission="reports.view_reports",
    span=Span.DAYS,
    usual=Usual.YESTERDAY,
    fields=(
        ReportField(label=DEPARTMENT, kind=Kind.NAME),
        ReportField(label=gettext_noop("Kind of line"), kind=Kind.WORD, words=SERVICE_KINDS),
        ReportField(label=gettext_noop("Lines before"), kind=Kind.COUNT, total=True),
        ReportField(label=gettext_noop("Activated"), kind=Kind.COUNT, total=True),
        ReportField(label=gettext_noop("Deactivated"), kind=Kind.COUNT, total=True),
        ReportField(label=gettext_noop("There now"), kind=Kind.COUNT, total=True),
    ),
    read=read_movements,
    empty=gettext_noop("There is no line yet."),
    drawing=Drawing(kind=Picture.BARS, title=gettext_noop("Lines by department"), label=0, values=(5,)),
)
LINE_REASONS = Definition(
    code="line-reasons",
    title=gettext_noop("Why lines were activated and deactivated"),
    about=gettext_noop("Every day with its activations and deactivations, by department and reason."),
    group=GROUP,
    permission="reports.view_reports",
    span=Span.DAYS,
    usual=Usual.YESTERDAY,
    fields=(
        ReportField(label=gettext_noop("Day"), kind=Kind.DATE),
        ReportField(label=DEPARTMENT, kind=Kind.NAME),
        ReportField(label=gettext_noop("Reason"), kind=Kind.WORD, words=REASONS),
        ReportField(label=gettext_noop("Activated"), kind=Kind.COUNT, total=True),
        ReportField(label=gettext_noop("Deactivated"), kind=Kind.COUNT, total=True),
    ),
    read=read_reasons,
    empty=gettext_noop("No line was activated or deactivated on these days."),
    drawing=Drawing(kind=Picture.LINES, title=gettext_noop("Activated and deactivated"), label=0, values=(3, 4)),
)
CUSTOMERS = Definition(
    code="customers",
    title=gettext_noop("Customers by category and area"),
    about=gettext_noop("Accounts and lines at the end of a day, by department and customer category."),
    group=GROUP,
    permission="reports.view_reports",
    span=Span.NOW,
    fields=(
        ReportField(label=DEPARTMENT, kind=Kind.NAME),
        ReportField(label=gettext_noop("Customer category"), kind=Kind.WORD, words=CATEGORIES),
        ReportField(label=gettext_noop("Accounts"), kind=Kind.COUNT, total=True),
        ReportField(label=gettext_noop("Fixed lines"), kind=Kind.COUNT, total=True),
        ReportField(label=gettext_noop("Mobile lines"), kind=Kind.COUNT, total=True),
        ReportField(label=gettext_noop("Internet lines"), kind=Kind.COUNT, total=True),
        ReportField(label=gettext_noop("Other lines"), kind=Kind.COUNT, total=True),
        ReportField(label=gettext_noop("All lines"), kind=Kind.COUNT, total=True),
        ReportField(label=gettext_noop("Accounts before the day"), kind=Kind.COUNT, total=True),
        ReportField(label=gettext_noop("Opened on the day"), kind=Kind.COUNT, total=True),
        ReportField(label=gettext_noop("Closed on the day"), kind=Kind.COUNT, total=True),
    ),
    read=read_customers,
    empty=gettext_noop("There is no customer yet."),
    drawing=Drawing(kind=Picture.BARS, title=gettext_noop("Accounts by department"), label=0, values=(2,)),
)
LINES_BY_MONTH = Definition(
    code="lines-by-month",
    title=gettext_noop("Active and inactive lines, month by month"),
    about=gettext_noop(
        "Thirteen months: lines before, activated, deactivated, there; and how many of these were suspended."
    ),
    group=GROUP,
    permission="reports.view_reports",
    span=Span.YEAR,
    fields=(
        ReportField(label=MONTH, kind=Kind.CODE),
        ReportField(label=gettext_noop("Lines before"), kind=Kind.COUNT),
        ReportField(label=gettext_noop("Activated"), kind=Kind.COUNT, total=True),
        ReportField(label=gettext_noop("Deactivated"), kind=Kind.COUNT, total=True),
        ReportField(label=gettext_noop("There at its end"), kind=Kind.COUNT),
        ReportField(label=gettext_noop("Of these suspended"), kind=Kind.COUNT),
    ),
    read=read_lines_by_month,
    empty=gettext_noop("There is no line yet."),
    drawing=Drawing(kind=Picture.LINES, title=gettext_noop("Lines in service"), label=0, values=(4, 5)),
)
