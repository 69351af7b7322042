"""Reports of quality: what was done against the rules, and how often bills were wrong."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from django.utils.translation import gettext_noop

from billing_site.core.clock import operator_zone, unmoved
from billing_site.core.money import round_amount
from billing_site.core.periods import add_months, midnight_of, month_of
from billing_site.db.sql import fetch_sql
from payments.queries.daily_summaries import Step, books_moves
from reports.domain.definition import Answer, Definition, Drawing, Drill, Kind, Picture, Question, ReportField, Span
from reports.queries.money import BILLED
from reports.queries.places import HALL, MONTH, NOBODY, drill_behind, places_of
from reports.queries.rules import RULES

GROUP = gettext_noop("Quality")
MONTHS = 13
OF_SO_MANY = 10_000
ONE_DAY = timedelta(days=1)


def read_non_standard(question: Question) -> Answer:
    """Return the operations out of the ordinary of days, by service centre of who did them; the latest first."""
    places = places_of(question)
    zone = operator_zone()
    found = fetch_sql(
        "reports",
        "non_standard_operations",
        {
            # The journal is stamped by the machine's time; in production that is the operator's.
            "start_at": unmoved(midnight_of(question.first, zone=zone)),
            "until_at": unmoved(midnight_of(question.last + ONE_DAY, zone=zone)),
            "actions": list(RULES),
            "centres": list(places),
            "nobody": NOBODY,
        },
    )
    rows = [(places[centre_id].centre, action, action, *rest) for _key, centre_id, action, *rest in found]
    drills = [
        Drill(url_name="payments:review-operation", permission="payments.review_operation", args=(key,))
        for key, *_rest in found
    ]
    return Answer(rows=rows, drills=drills)


def read_error_rate(question: Question) -> Answer:
    """Return thirteen months of bills, bills taken back or corrected, disputes, and both in ten thousand bills."""
    centres = list(places_of(question))
    first, last = add_months(question.month, 1 - MONTHS), month_of(question.last).last_day
    bills: Counter[date | None] = Counter()
    own = [pk for pk in centres if pk != NOBODY]
    for move in books_moves(first=first, last=last, step=Step.MONTH, centre_ids=own, is_folded=True):
        if move.document == BILLED and not move.is_reversal:
            bills[move.step] += move.entry_count
    zone = operator_zone()
    parameters = {
        "first": first,
        "last": last,
        "start_at": midnight_of(first, zone=zone),
        "until_at": midnight_of(last + ONE_DAY, zone=zone),
        "zone": str(zone),
        "centres": centres,
    }
    found: dict[date, Counter[str]] = {}
    for month, what, count in fetch_sql("reports", "errors_by_month", parameters):
        found.setdefault(month, Counter())[what] += int(count)
    rows, drills = [], []
    for number in range(MONTHS):
        month = add_months(first, number)
        one = found.get(month, Counter())
        wrong, disputed, prices = one["WRONG"], one["DISPUTED"], one["PRICE"]
        count = bills[month] + one["NOTHING"]
        rates = (_rate(wrong, count), _rate(disputed, count))
        rows.append((month.strftime("%Y-%m"), count, wrong, rates[0], disputed, prices, rates[1]))
        drills.append(drill_behind("wrong-bills", replace(question, first=month, last=month_of(month).last_day)))
    return Answer(rows=rows, drills=drills)


def _rate(count: int, of: int) -> Decimal | None:
    """Return how many there are for every 10,000, with two decimals."""
    return round_amount(Decimal(count * OF_SO_MANY) / Decimal(of), places=2) if of else None


NON_STANDARD = Definition(
    code="non-standard-operations",
    title=gettext_noop("Operations out of the ordinary"),
    about=gettext_noop(
        "What was done against a rule, by the service centre of who did it; who saw it, and how it was put right."
    ),
    group=GROUP,
    permission="reports.view_reports_of_people",
    span=Span.DAYS,
    fields=(
        ReportField(label=HALL, kind=Kind.NAME),
        ReportField(
            label=gettext_noop("Operation"), kind=Kind.WORD, words={key: words[0] for key, words in RULES.items()}
        ),
        ReportField(
            label=gettext_noop("Rule broken"), kind=Kind.WORD, words={key: words[1] for key, words in RULES.items()}
        ),
        ReportField(label=gettext_noop("When"), kind=Kind.STAMP),
        ReportField(label=gettext_noop("By whom")),
        ReportField(label=gettext_noop("Seen by")),
        ReportField(label=gettext_noop("Seen"), kind=Kind.INSTANT),
        ReportField(label=gettext_noop("Put right by")),
        ReportField(label=gettext_noop("Put right"), kind=Kind.INSTANT),
        ReportField(label=gettext_noop("How")),
    ),
    read=read_non_standard,
    empty=gettext_noop("Nothing out of the ordinary was done on these days."),
    drawing=Drawing(kind=Picture.BARS, title=gettext_noop("Operations by centre"), label=0, values=()),
)
ERROR_RATE = Definition(
    code="error-rate",
    title=gettext_noop("Errors and disputes in ten thousand bills"),
    about=gettext_noop(
        "Thirteen months: bills, bills corrected or taken back, disputes, and how many of these of a price."
    ),
    group=GROUP,
    permission="reports.view_reports",
    span=Span.YEAR,
    fields=(
        ReportField(label=MONTH, kind=Kind.CODE),
        ReportField(label=gettext_noop("Bills"), kind=Kind.COUNT, total=True),
        ReportField(label=gettext_noop("Wrong bills"), kind=Kind.COUNT, total=True),
        ReportField(label=gettext_noop("Errors in ten thousand bills"), kind=Kind.AMOUNT),
        ReportField(label=gettext_noop("Disputes"), kind=Kind.COUNT, total=True),
        ReportField(label=gettext_noop("Of these of a price"), kind=Kind.COUNT, total=True),
        ReportField(label=gettext_noop("Disputes in ten thousand bills"), kind=Kind.AMOUNT),
    ),
    read=read_error_rate,
    empty=gettext_noop("There is no bill yet."),
    drawing=Drawing(
        kind=Picture.LINES, title=gettext_noop("Errors and disputes in ten thousand bills"), label=0, values=(3, 6)
    ),
)
