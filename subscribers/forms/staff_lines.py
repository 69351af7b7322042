"""Forms of business numbers of staff."""

from django import forms
from django.utils.translation import gettext_lazy as _

from subscribers.forms.relations import LineForm

SECONDS_A_MINUTE = 60


class StaffLineForm(LineForm):
    """An employee, his number, and how much of a month is his."""

    employee = forms.CharField(label=_("Employee"), max_length=200)
    personnel_number = forms.CharField(label=_("Personnel number"), max_length=32, required=False)
    allowance = forms.IntegerField(label=_("Minutes a month"), min_value=0, max_value=100_000)
    field_order = ("line", "employee", "personnel_number", "allowance", "from_on")

    def clean_allowance(self) -> int:
        """Return it in seconds."""
        minutes: int = self.cleaned_data["allowance"]
        return minutes * SECONDS_A_MINUTE
