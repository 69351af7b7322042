"""The filter of a report, made from its definition; and the order to have it sent."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import get_language, gettext_lazy as _

from billing_site.core import clock
from billing_site.core.names import FALLBACK_LANGUAGE, name_in
from billing_site.documents.models import ReportOrder
from billing_site.identity.models import Department, ServiceCentre
from billing_site.web.forms import DayField
from reports.domain.asking import days_of_month, usual_days
from reports.domain.definition import Definition, Question, Span

LONGEST_DAYS = 400
Choices = list[tuple[str, Any]]


class MonthField(forms.DateField):
    """A month, chosen in the browser's own calendar or typed as ``2026-03``; its first day."""

    def __init__(self, **options: Any) -> None:
        """Show the month as ``<input type=month>`` wants it, whatever the language."""
        widget = forms.DateInput(format="%Y-%m", attrs={"type": "month", "dir": "ltr"})
        super().__init__(widget=widget, input_formats=["%Y-%m", "%Y-%m-%d"], **options)


class QuestionForm(forms.Form):
    """Keeps days in order; its fields are those of a report."""

    def clean(self) -> dict[str, Any]:
        """Refuse days that are the wrong way round, or too many."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        first, last = values.get("first"), values.get("last")
        if first and last and not 0 <= (last - first).days < LONGEST_DAYS:
            self.add_error("last", _("The last day is the first one or a later one, about a year later at most."))
        return values


def question_form(report: Definition, *, department_id: int | None) -> type[QuestionForm]:
    """
    Return the form of a report's filter.

    :param department_id: of whom alone figures may be seen; ``None`` for all
    """
    first, last = usual_days(report, today=clock.today())
    fields: dict[str, Any] = {}
    if report.span is Span.DAYS:
        fields["first"] = DayField(label=_("From"), required=False, initial=first)
        fields["last"] = DayField(label=_("To"), required=False, initial=last)
    elif report.span is Span.NOW:
        fields["last"] = DayField(label=_("At the end of"), required=False, initial=last)
    else:
        label = _("Month") if report.span is Span.MONTH else _("Up to the month")
        fields["month"] = MonthField(label=label, required=False, initial=last)
    return type("ReportQuestion", (QuestionForm,), {**fields, **_whose_of(report, department_id)})


def question_of(report: Definition, values: Mapping[str, Any], *, department_id: int | None) -> Question:
    """Return what is asked by the values of a form; days that were left out are the usual ones."""
    today = clock.today()
    first, last = usual_days(report, today=today)
    if values.get("month"):
        first, last = days_of_month(values["month"], today=today)
    elif values.get("last") or values.get("first"):
        last = values.get("last") or max(values["first"], last)
        first = values.get("first") or (last if report.span is Span.NOW else min(first, last))
    chosen = values.get("department")
    return Question(
        first=first,
        last=last,
        department_id=department_id if department_id is not None else (int(chosen) if chosen else None),
        centre_id=int(values["centre"]) if values.get("centre") else None,
    )


def is_open_to(report: Definition, asked: Mapping[str, Any], *, department_id: int | None) -> bool:
    """Say whether department and service centre of an address exist and may be asked for."""
    return are_places_open(asked, fields=_whose_of(report, department_id))


def are_places_open(asked: Mapping[str, Any], *, fields: Mapping[str, forms.Field]) -> bool:
    """Say whether department and service centre of an address are among those that the fields offer."""
    return all(
        not asked.get(name) or str(asked[name]) in {str(key) for key, _label in _choices(fields[name])}
        for name in ("department", "centre")
        if name in fields
    )


class OrderForm(forms.Form):
    """How often, and where to."""

    rhythm = forms.ChoiceField(label=_("How often"), choices=ReportOrder.Rhythm.choices)
    mail_to = forms.EmailField(label=_("E-mail address"))


def order_form(report: Definition, *, department_id: int | None) -> type[OrderForm]:
    """Return the form that orders a report."""
    return type("ReportOrderForm", (OrderForm,), _whose_of(report, department_id))


def _whose_of(report: Definition, department_id: int | None) -> dict[str, Any]:
    return place_fields(department_id) if report.is_by_department else {}


def _choices(field: Any) -> Choices:
    return list(field.choices)


def place_fields(department_id: int | None) -> dict[str, Any]:
    """
    Return the fields that choose a department and a service centre, of those that may be seen.

    :param department_id: of whom alone figures may be seen; ``None`` for all
    """
    centres = ServiceCentre.objects.order_by("code")
    if department_id is not None:
        centres = centres.filter(department=department_id)
    departments = Department.objects.order_by("code")
    fields: dict[str, Any] = {}
    if department_id is None:
        fields["department"] = forms.ChoiceField(label=_("Department"), required=False, choices=_named(departments))
    else:
        own = departments.filter(pk=department_id)
        fields["department"] = forms.ChoiceField(
            label=_("Department"), required=False, choices=_named(own)[1:], initial=str(department_id)
        )
    fields["centre"] = forms.ChoiceField(label=_("Service centre"), required=False, choices=_named(centres))
    return fields


def _named(rows: Any) -> Choices:
    language = get_language() or FALLBACK_LANGUAGE
    return [("", _("all")), *((str(row.pk), name_in(row.names, language) or row.code) for row in rows)]


def as_plain(question: Mapping[str, Any]) -> dict[str, str]:
    """Return what an order keeps of the form's values: department and service centre."""
    return {name: str(question[name]) for name in ("department", "centre") if question.get(name)}


def dated(question: Mapping[str, Any], *, days: tuple[date, date], department_id: int | None) -> Question:
    """Return what an order asks for on some days; who sits in a department gets that one's figures alone."""
    chosen = question.get("department")
    return Question(
        first=days[0],
        last=days[1],
        department_id=department_id if department_id is not None else (int(chosen) if chosen else None),
        centre_id=int(question["centre"]) if question.get("centre") else None,
    )
