"""Reports of traffic, from the summaries that rating keeps; each call counts on the local day of its start."""

from collections import Counter
from typing import Any

from django.db.models.functions import TruncMonth
from django.utils.translation import gettext_lazy, gettext_noop

from billing_site.core.periods import add_months, month_of
from rating.domain.services import SERVICE_CODES, Service
from rating.models import TrafficDay, TrafficServiceDay, UsageSource
from rating.queries.traffic import NOT_SAID, SUMS, key_account_sums
from reports.domain.definition import (
    Answer,
    Definition,
    Drawing,
    Drill,
    Kind,
    Picture,
    Question,
    ReportField,
    Span,
)
from reports.queries.places import DEPARTMENT, MONTH, drill_of_month, places_of
from subscribers.models import Account
from subscribers.queries.words import CATEGORIES

GROUP = gettext_noop("Traffic")
MONTHS = 13
SERVICE_WORDS: dict[str, Any] = {
    str(SERVICE_CODES[Service.VOICE]): gettext_lazy("Calls"),
    str(SERVICE_CODES[Service.MESSAGE]): gettext_lazy("Messages"),
    str(SERVICE_CODES[Service.DATA]): gettext_lazy("Data"),
    str(SERVICE_CODES[Service.CONTENT]): gettext_lazy("Content of others"),
}


def read_traffic(question: Question) -> Answer:
    """Return the traffic of days by exchange, outgoing trunk, customer category and service."""
    found: Any = (
        TrafficDay.objects.filter(day__range=(question.first, question.last))
        .values("source_id", "trunk_out", "category", "service")
        .annotate(**SUMS)
        .order_by("source_id", "trunk_out", "category", "service")
    )
    codes = dict(UsageSource.objects.values_list("pk", "code"))
    days = {"first": question.first, "last": question.last, "by": "usage_category"}
    drills = [
        Drill(
            url_name="rating:traffic",
            permission="rating.view_traffic",
            asked={
                **days,
                "source": row["source_id"],
                "trunk_out": row["trunk_out"] or NOT_SAID,
                "category": row["category"],
                "service": row["service"],
            },
        )
        for row in found
    ]
    rows = [
        (
            codes.get(row["source_id"], str(row["source_id"])),
            row["trunk_out"],
            row["category"],
            str(row["service"]),
            *(int(row[name]) for name in ("record_count", "duration_seconds", "volume_bytes", "amount_micro")),
        )
        for row in found
    ]
    return Answer(rows=rows, drills=drills)


def read_traffic_by_month(question: Question) -> Answer:
    """Return thirteen months of traffic: calls and their length, messages, data, and the money of all of it."""
    first = add_months(question.month, 1 - MONTHS)
    found: Any = (
        TrafficServiceDay.objects.filter(day__range=(first, month_of(question.last).last_day))
        .values("service", month=TruncMonth("day"))
        .annotate(**SUMS)
        .order_by("month", "service")
    )
    sums: dict[Any, Counter[str]] = {}
    for row in found:
        month = sums.setdefault(row["month"], Counter())
        month[f"{row['service']} count"] += int(row["record_count"])
        month[f"{row['service']} seconds"] += int(row["duration_seconds"])
        month["bytes"] += int(row["volume_bytes"])
        month["micro"] += int(row["amount_micro"])
    voice, message = SERVICE_CODES[Service.VOICE], SERVICE_CODES[Service.MESSAGE]
    rows, drills = [], []
    for number in range(MONTHS):
        day = add_months(first, number)
        one = sums.get(day, Counter())
        drills.append(drill_of_month("traffic", day, question))
        counts = (one[f"{voice} count"], one[f"{voice} seconds"], one[f"{message} count"])
        rows.append((day.strftime("%Y-%m"), *counts, one["bytes"], one["micro"]))
    return Answer(rows=rows, drills=drills)


def read_key_accounts(question: Question) -> Answer:
    """Return what each key account used in days, the most money first."""
    places = places_of(question)
    found = key_account_sums(first=question.first, last=question.last)
    accounts = Account.objects.select_related("subscriber").in_bulk([one.key for one in found])
    shown = [
        (one, account)
        for one in found
        if (account := accounts.get(one.key)) is not None and account.centre_id in places
    ]
    rows = [
        (
            account.number,
            account.subscriber.name,
            places[account.centre_id].department,
            one.record_count,
            one.duration_seconds,
            one.volume_bytes,
            one.amount_micro,
        )
        for one, account in shown
    ]
    days = {"first": question.first, "last": question.last}
    drills = [
        Drill(url_name="rating:key-account", permission="rating.view_traffic", args=(account.pk,), asked=days)
        for _one, account in shown
    ]
    return Answer(rows=rows, drills=drills)


def _figures() -> tuple[ReportField, ...]:
    return (
        ReportField(label=gettext_noop("Records"), kind=Kind.COUNT, total=True),
        ReportField(label=gettext_noop("Duration"), kind=Kind.DURATION, total=True),
        ReportField(label=gettext_noop("Bytes"), kind=Kind.COUNT, total=True),
        ReportField(label=gettext_noop("Amount"), kind=Kind.MICRO, total=True),
    )


TRAFFIC = Definition(
    code="traffic",
    title=gettext_noop("Traffic by exchange, trunk and category"),
    about=gettext_noop("What was rated of these days: records, length, volume and money; corrections are in it."),
    group=GROUP,
    permission="reports.view_reports",
    span=Span.DAYS,
    is_by_department=False,
    fields=(
        ReportField(label=gettext_noop("Exchange"), kind=Kind.CODE),
        ReportField(label=gettext_noop("Outgoing trunk"), kind=Kind.CODE),
        ReportField(label=gettext_noop("Customer category"), kind=Kind.WORD, words=CATEGORIES),
        ReportField(label=gettext_noop("Kind of use"), kind=Kind.WORD, words=SERVICE_WORDS),
        *_figures(),
    ),
    read=read_traffic,
    empty=gettext_noop("No traffic in these days. It is added up while usage is rated."),
    drawing=Drawing(kind=Picture.BARS, title=gettext_noop("Money by outgoing trunk"), label=1, values=(7,)),
)
TRAFFIC_BY_MONTH = Definition(
    code="traffic-by-month",
    title=gettext_noop("Traffic, month by month"),
    about=gettext_noop("Thirteen months of calls, messages and data, and what they cost."),
    group=GROUP,
    permission="reports.view_reports",
    span=Span.YEAR,
    is_by_department=False,
    fields=(
        ReportField(label=MONTH, kind=Kind.CODE),
        ReportField(label=gettext_noop("Calls"), kind=Kind.COUNT, total=True),
        ReportField(label=gettext_noop("Length of calls"), kind=Kind.DURATION, total=True),
        ReportField(label=gettext_noop("Messages"), kind=Kind.COUNT, total=True),
        ReportField(label=gettext_noop("Bytes"), kind=Kind.COUNT, total=True),
        ReportField(label=gettext_noop("Amount"), kind=Kind.MICRO, total=True),
    ),
    read=read_traffic_by_month,
    empty=gettext_noop("Nothing was rated yet."),
    drawing=Drawing(kind=Picture.LINES, title=gettext_noop("Calls"), label=0, values=(1,)),
)
KEY_ACCOUNTS = Definition(
    code="key-accounts",
    title=gettext_noop("Traffic of key accounts"),
    about=gettext_noop("What the accounts that are followed used in these days."),
    group=GROUP,
    permission="reports.view_reports_of_people",
    span=Span.DAYS,
    fields=(
        ReportField(label=gettext_noop("Account"), kind=Kind.CODE),
        ReportField(label=gettext_noop("Name")),
        ReportField(label=DEPARTMENT, kind=Kind.NAME),
        *_figures(),
    ),
    read=read_key_accounts,
    empty=gettext_noop("No key account used anything in these days."),
    drawing=Drawing(kind=Picture.BARS, title=gettext_noop("Money by account"), label=0, values=(6,)),
)
