"""
Staff who talked longer than their allowance on their business numbers: by name, and summed up for who may see no names.
"""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_noop

from billing_site.core.clock import operator_zone
from billing_site.core.periods import month_of
from billing_site.db.sql import fetch_sql
from rating.domain.services import SERVICE_CODES, Service
from reports.domain.definition import Answer, Definition, Drawing, Drill, Kind, Picture, Question, ReportField, Span
from reports.queries.lines import GROUP
from reports.queries.places import DEPARTMENT, HALL, Place, places_of


def read_staff_use(question: Question) -> Answer:
    """Return the employees whose calls of a month are longer than their allowance, by one second at least."""
    days = month_of(question.last)
    rows = _over(question, places_of(question))
    asked = {"first": days.start, "last": days.last_day}
    return Answer(
        rows=[(*row[:5], int(row[5]), int(row[5]) - row[4], int(row[6])) for row in rows],
        drills=[
            Drill(url_name="rating:account-calls", permission="rating.view_call_list", args=(row[7],), asked=asked)
            for row in rows
        ],
    )


def read_staff_use_by_centre(question: Question) -> Answer:
    """Return how many employees of each service centre's companies were over in a month, and their sums."""
    places = places_of(question)
    sums: dict[int, list[int]] = {}
    for row in _over(question, places):
        found = sums.setdefault(row[8], [0] * 5)
        for index, value in enumerate((1, row[4], int(row[5]), int(row[5]) - row[4], int(row[6]))):
            found[index] += value
    shown = [(places[pk], sums[pk]) for pk in places if pk in sums]
    return Answer(
        rows=[(place.department, place.centre, *found) for place, found in shown],
        drills=[
            Drill(
                url_name="reports:report",
                permission="reports.view_reports_of_people",
                args=("staff-use",),
                asked={"month": f"{question.month:%Y-%m}", "centre": place.centre_id},
            )
            for place, _found in shown
        ],
    )


def _over(question: Question, places: Mapping[int, Place]) -> list[tuple[Any, ...]]:
    days = month_of(question.last)
    instants = days.instants(zone=operator_zone())
    asked = {
        "first": days.start,
        "until": days.until,
        "start_at": instants.start,
        "until_at": instants.until,
        "zone": settings.SALDO_TIME_ZONE,
        "voice": SERVICE_CODES[Service.VOICE],
        "centres": list(places),
    }
    return [tuple(row) for row in fetch_sql("reports", "staff_over_allowance", asked)]


_FIGURES = (
    ReportField(label=gettext_noop("Allowance"), kind=Kind.DURATION, total=True),
    ReportField(label=gettext_noop("Used"), kind=Kind.DURATION, total=True),
    ReportField(label=gettext_noop("Over"), kind=Kind.DURATION, total=True),
    ReportField(label=gettext_noop("Charged for calls"), kind=Kind.MICRO, total=True),
)
STAFF_USE = Definition(
    code="staff-use",
    title=gettext_noop("Staff over the minutes of their business numbers"),
    about=gettext_noop(
        "Employees whose calls of the month are longer than what is theirs; who used exactly that is not."
    ),
    group=GROUP,
    permission="reports.view_reports_of_people",
    span=Span.MONTH,
    fields=(
        ReportField(label=gettext_noop("Company")),
        ReportField(label=gettext_noop("Employee")),
        ReportField(label=gettext_noop("Personnel number"), kind=Kind.CODE),
        ReportField(label=gettext_noop("Number"), kind=Kind.PHONE),
        *_FIGURES,
    ),
    read=read_staff_use,
    empty=gettext_noop("Nobody was over his minutes in this month."),
    drawing=Drawing(kind=Picture.BARS, title=gettext_noop("Over the allowance"), label=1, values=(6,)),
)
STAFF_USE_BY_CENTRE = Definition(
    code="staff-use-by-centre",
    title=gettext_noop("Business numbers over their minutes, by department"),
    about=gettext_noop(
        "How many employees were over their minutes in the month, and by how much, by the service centre of their"
        " company; nobody is named."
    ),
    group=GROUP,
    permission="reports.view_reports",
    span=Span.MONTH,
    fields=(
        ReportField(label=DEPARTMENT, kind=Kind.NAME),
        ReportField(label=HALL, kind=Kind.NAME),
        ReportField(label=gettext_noop("Employees over"), kind=Kind.COUNT, total=True),
        *_FIGURES,
    ),
    read=read_staff_use_by_centre,
    empty=gettext_noop("Nobody was over his minutes in this month."),
    drawing=Drawing(kind=Picture.BARS, title=gettext_noop("Over the allowance, by department"), label=0, values=(5,)),
)
