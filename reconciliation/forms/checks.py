"""Forms of the daily terminal check: days, and a register that is loaded."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing_site.web.forms import AmountField, DayField
from billing_site.web.states import state_choices
from payments.models import TerminalNetwork
from reconciliation.models import TerminalCheck
from reconciliation.queries.cases import CONFIRMATIONS

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


class ConfirmationFilter(forms.Form):
    """Which payments of the terminals to list."""

    network = forms.ModelChoiceField(
        label=_("Network"), required=False, empty_label=_("all"), queryset=TerminalNetwork.objects.order_by("name")
    )
    first = DayField(label=_("From"), required=False)
    last = DayField(label=_("To"), required=False)
    account_number = forms.CharField(
        label=_("Account"), required=False, max_length=32, widget=forms.TextInput(attrs={"dir": "ltr"})
    )
    confirmation = forms.ChoiceField(label=_("Confirmed"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer the states with their words."""
        super().__init__(*args, **options)
        confirmation: Any = self.fields["confirmation"]
        confirmation.choices = [("", _("all")), *state_choices(CONFIRMATIONS)]


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
