"""How old debts are: of the last night that was counted to its end, by department and service centre."""

from django.conf import settings
from django.utils.translation import gettext_noop

from payments.models import DebtAge, DebtNight
from payments.queries.debt_ages import ageing_of, debt_ages, last_debt_night
from reports.domain.definition import (
    Answer,
    Control,
    Definition,
    Drawing,
    Drill,
    Kind,
    Picture,
    Question,
    ReportField,
    Row,
    Span,
)
from reports.queries.money_reports import GROUP
from reports.queries.places import DEPARTMENT, HALL, Place, places_of


def read_debt_ages(question: Question) -> Answer:
    """Return what is owed by age and service centre, and what the books said of the same accounts."""
    night = last_debt_night(on=question.last)
    if night is None:
        return Answer(rows=())
    places = places_of(question)
    found = debt_ages(night_id=night.pk, currency=settings.SALDO_CURRENCY, centre_ids=places)
    shown = [pk for pk in places if pk in found]
    rows = [_row(places[pk], found[pk]) for pk in shown]
    control = Control(
        label=gettext_noop("Open bills and what is on no bill, less advances, and the same in the books"),
        ours=sum(row[-1] for row in rows),
        theirs=sum(one.books_minor + one.later_minor for one in found.values()),
    )
    return Answer(
        rows=rows,
        drills=[_drill(night, places[pk]) for pk in shown],
        controls=(control,),
        counted_at=night.counted_at,
        behind=_drill(night),
    )


def _row(place: Place, age: DebtAge) -> Row:
    ageing = ageing_of(age)
    return (
        place.department,
        place.centre,
        age.account_count,
        ageing.not_due_minor,
        ageing.to_30_minor,
        ageing.to_60_minor,
        ageing.to_90_minor,
        ageing.older_minor,
        ageing.total_minor,
        age.unbilled_minor,
        age.advance_minor,
        ageing.total_minor + age.unbilled_minor - age.advance_minor,
    )


def _drill(night: DebtNight, place: Place | None = None) -> Drill:
    """Return where the accounts are, one by one, at the age that they had in the night."""
    whose = {} if place is None else {"department": place.department_id, "centre": place.centre_id}
    return Drill(
        url_name="payments:debt-ageing", permission="payments.view_bad_debts", asked={"day": night.day, **whose}
    )


def _money(label: str) -> ReportField:
    return ReportField(label=label, kind=Kind.MONEY, total=True)


DEBT_AGES = Definition(
    code="debt-ages",
    title=gettext_noop("Age of debts"),
    about=gettext_noop(
        "What was open in the last night up to this day, by days after the due date. Open + on no bill - advances ="
        " balance."
    ),
    group=GROUP,
    permission="reports.view_reports",
    span=Span.NOW,
    fields=(
        ReportField(label=DEPARTMENT, kind=Kind.NAME),
        ReportField(label=HALL, kind=Kind.NAME),
        ReportField(label=gettext_noop("Accounts that owe"), kind=Kind.COUNT, total=True),
        _money(gettext_noop("Not due")),
        _money("1–30"),
        _money("31–60"),
        _money("61–90"),
        _money("> 90"),
        _money(gettext_noop("Open bills")),
        _money(gettext_noop("On no bill")),
        _money(gettext_noop("Advances")),
        _money(gettext_noop("Balance")),
    ),
    read=read_debt_ages,
    empty=gettext_noop("The debts of no night were counted up to this day."),
    drawing=Drawing(kind=Picture.AGES, title=gettext_noop("Age of debts"), label=0, values=(3, 4, 5, 6, 7)),
)
