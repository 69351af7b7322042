"""Whose figures are asked for: service centres with their departments, and their names."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_noop

from billing_site.core.periods import month_of
from billing_site.identity.models import ServiceCentre
from reports.domain.definition import Drill, Question

# Money whose owner is not known, or an account without a centre, belongs to nobody.
NOBODY = 0
NOT_KNOWN: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A service centre and its department."""

    centre_id: int
    department_id: int
    centre: Mapping[str, str]
    department: Mapping[str, str]
    codes: tuple[str, str]


def places_of(question: Question) -> dict[int, Place]:
    """Return the centres that a question is about, by id, in the order of their codes; nobody's among all of them."""
    centres = ServiceCentre.objects.select_related("department").order_by("department__code", "code")
    if question.department_id is not None:
        centres = centres.filter(department=question.department_id)
    if question.centre_id is not None:
        centres = centres.filter(pk=question.centre_id)
    found = {
        one.pk: Place(
            centre_id=one.pk,
            department_id=one.department_id,
            centre=one.names,
            department=one.department.names,
            codes=(one.department.code, one.code),
        )
        for one in centres
    }
    if question.department_id is None and question.centre_id is None:
        found[NOBODY] = Place(
            centre_id=NOBODY, department_id=NOBODY, centre=NOT_KNOWN, department=NOT_KNOWN, codes=("~", "~")
        )
    return found


def drill_of_month(code: str, month: date, question: Question) -> Drill:
    """Return where the days of a month are: another report, of whom this one is."""
    whose = {"department": question.department_id, "centre": question.centre_id}
    days = {"first": month, "last": min(month_of(month).last_day, question.last), "month": f"{month:%Y-%m}"}
    return Drill(url_name="reports:report", permission="reports.view_reports", args=(code,), asked={**days, **whose})


def days_and_places(question: Question) -> dict[str, object]:
    """Return days and places of a question as an address asks for them."""
    return {
        "first": question.first,
        "last": question.last,
        "department": question.department_id,
        "centre": question.centre_id,
    }


def drill_behind(name: str, question: Question, **asked: object) -> Drill:
    """Return where the rows behind a figure are: a list of ours, of the days and places of a question."""
    found = {**days_and_places(question), **{key: value for key, value in asked.items() if value not in {None, NOBODY}}}
    return Drill(url_name=f"reports:{name}", permission="reports.view_reports", asked=found)


def drill_of_payments(question: Question, **asked: object) -> Drill:
    """Return where the payments of the days of a question are."""
    days = {"posted_from": question.first, "posted_to": question.last}
    return Drill(url_name="payments:payments", permission="payments.view_payments", asked={**days, **asked})


def drill_of_postings(question: Question, ledger_account_id: int) -> Drill:
    """Return where the postings of an account of the books are, of the days of a question."""
    asked = {"first": question.first, "last": question.last}
    return Drill(
        url_name="console:ledger-account", permission="ledger.view_ledger", args=(ledger_account_id,), asked=asked
    )


DEPARTMENT = gettext_noop("Department")
HALL = gettext_noop("Service centre")
MONTH = gettext_noop("Month")
