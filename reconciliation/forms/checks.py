"""Forms of the daily terminal check."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing_site.web.forms import AmountField, DayField
from payments.models import TerminalNetwork
from reconciliation.models import TerminalCheck

STATES = [("AGREED", _("Agreed")), ("DIFFERENT", _("With differences")), ("MISSING", _("No register"))]

assert {code for code, _label in STATES} == set(TerminalCheck.State.values), "every state has its word"


class CheckFilter(forms.Form):
    """Which checks to list."""

    first = DayField(label=_("From"), required=False)
    last = DayField(label=_("To"), required=False)
    network = forms.ModelChoiceField(
        label=_("Network"), required=False, empty_label=_("all"), queryset=TerminalNetwork.objects.order_by("name")
    )
    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("all")), *STATES])

    def clean(self) -> dict[str, Any]:
        """Keep the days in order."""
        cleaned: dict[str, Any] = super().clean() or {}
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and first > last:
            self.add_error("last", _("This day is before the first one."))
        return cleaned


class RegisterForm(forms.Form):
    """A network's register of a day, with the control totals told apart from it, where there are any."""

    network = forms.ModelChoiceField(
        label=_("Network"), queryset=TerminalNetwork.objects.order_by("name"), to_field_name="code"
    )
    day = DayField(label=_("Day"))
    register = forms.FileField(
        label=_("Register"),
        allow_empty_file=True,
        help_text=_("The file as the network sent it; it is kept as it came."),
    )
    expected_count = forms.IntegerField(
        label=_("Number of payments, if the network told it"), required=False, min_value=0, max_value=10_000_000
    )
    expected_amount = AmountField(label=_("Sum of payments, if the network told it"), required=False)


class ResolutionForm(forms.Form):
    """How a difference was settled."""

    note = forms.CharField(
        label=_("How it was settled"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Name the letter, the correction or the person: whoever reads this next year was not here."),
    )
