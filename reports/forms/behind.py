"""The filter of the rows behind a figure."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing_site.core import clock
from billing_site.web.forms import DayField
from payments.models import WriteOff
from reports.domain.definition import Question
from reports.forms.questions import QuestionForm, place_fields
from reports.queries.bad_debts import AGE_ENDS, age_ends
from reports.queries.lines import BEGUN, BEGUN_CODE
from subscribers.models import Subscription
from subscribers.queries.words import CATEGORIES
from tariffs.queries.words import SERVICE_KINDS


def _ages() -> list[tuple[str, str]]:
    spans = [age_ends(age) for age in range(len(AGE_ENDS) + 1)]
    return [
        (str(age), f"> {least - 1}" if most is None else f"{least}–{most}") for age, (least, most) in enumerate(spans)
    ]


# What rows are asked for besides days and places: what it is called, and what may be chosen.
CHOICES: Mapping[str, tuple[Any, list[tuple[str, Any]]]] = {
    "kind": (_("Kind of line"), [*SERVICE_KINDS.items()]),
    "category": (_("Customer category"), [*CATEGORIES.items()]),
    "reason": (_("Reason"), [(BEGUN_CODE, BEGUN[""]), *Subscription.EndReason.choices]),
    "age": (_("Age in days"), _ages()),
    "given_up": (_("Reason"), [*WriteOff.Reason.choices]),
}


def behind_form(names: tuple[str, ...], *, department_id: int | None) -> type[QuestionForm]:
    """
    Return the form of the rows behind a figure.

    :param names: what is asked for besides days and places, of ``CHOICES``
    :param department_id: of whom alone rows may be seen; ``None`` for all
    """
    today = clock.today()
    fields: dict[str, Any] = {
        "first": DayField(label=_("From"), required=False, initial=today),
        "last": DayField(label=_("To"), required=False, initial=today),
        **place_fields(department_id),
    }
    for name in names:
        label, choices = CHOICES[name]
        fields[name] = forms.ChoiceField(label=label, required=False, choices=[("", _("all")), *choices])
    return type("BehindForm", (QuestionForm,), fields)


def question_behind(values: Mapping[str, Any], *, department_id: int | None) -> Question:
    """Return what is asked for; who sits in a department gets that one's rows alone."""
    today = clock.today()
    last = values.get("last") or today
    chosen = values.get("department")
    return Question(
        first=min(values.get("first") or last, last),
        last=last,
        department_id=department_id if department_id is not None else (int(chosen) if chosen else None),
        centre_id=int(values["centre"]) if values.get("centre") else None,
    )
