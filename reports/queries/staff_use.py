"""Staff who talked longer than their allowance on their business numbers."""

from django.conf import settings
from django.utils.translation import gettext_noop

from billing_site.core.clock import operator_zone
from billing_site.core.periods import month_of
from billing_site.db.sql import fetch_sql
from rating.domain.services import SERVICE_CODES, Service
from reports.domain.definition import Answer, Definition, Drawing, Drill, Kind, Picture, Question, ReportField, Span
from reports.queries.lines import GROUP
from reports.queries.places import places_of


def read_staff_use(question: Question) -> Answer:
    """Return the employees whose calls of a month are longer than their allowance, by one second at least."""
    days = month_of(question.last)
    instants = days.instants(zone=operator_zone())
    rows = fetch_sql(
        "reports",
        "staff_over_allowance",
        {
            "first": days.start,
            "until": days.until,
            "start_at": instants.start,
            "until_at": instants.until,
            "zone": settings.SALDO_TIME_ZONE,
            "voice": SERVICE_CODES[Service.VOICE],
            "centres": list(places_of(question)),
        },
    )
    asked = {"first": days.start, "last": days.last_day}
    return Answer(
        rows=[(*row[:5], int(row[5]), int(row[5]) - row[4], int(row[6])) for row in rows],
        drills=[
            Drill(url_name="rating:account-calls", permission="rating.view_call_list", args=(row[7],), asked=asked)
            for row in rows
        ],
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
        ReportField(label=gettext_noop("Allowance"), kind=Kind.DURATION, total=True),
        ReportField(label=gettext_noop("Used"), kind=Kind.DURATION, total=True),
        ReportField(label=gettext_noop("Over"), kind=Kind.DURATION, total=True),
        ReportField(label=gettext_noop("Charged for calls"), kind=Kind.MICRO, total=True),
    ),
    read=read_staff_use,
    empty=gettext_noop("Nobody was over his minutes in this month."),
    drawing=Drawing(kind=Picture.BARS, title=gettext_noop("Over the allowance"), label=1, values=(6,)),
)
