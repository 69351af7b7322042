"""Forms of accounting periods and their steps."""

from django import forms
from django.utils.translation import gettext_lazy as _

from billing_site.identity.models import User
from billing_site.identity.roles import Role
from billing_site.web.forms import DayField, ModelChoiceField


class OpenPeriodForm(forms.Form):
    """Any day of the month."""

    month = DayField(label=_("A day of the month"))


class StepNoteForm(forms.Form):
    """What was done."""

    note = forms.CharField(label=_("Note"), max_length=300, required=False)


class PeriodReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=_("Reason"), max_length=300)


class AssignStepForm(forms.Form):
    """Owner, deadline and limit of a step."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    person = ModelChoiceField(
        queryset=User.objects.filter(is_active=True).order_by("full_name"),
        label=_("Employee"),
        required=False,
        empty_label=_("everybody of the role"),
    )
    due_on = DayField(label=_("Deadline"))
    allowed_count = forms.IntegerField(
        label=_("May stay open"), min_value=0, help_text=_("For a step that proves itself: lines, bills, days.")
    )
