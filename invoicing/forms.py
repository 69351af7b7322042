"""What a person fills in to start a bill run, and to find bills."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing_site.core.digits import clean_number_input
from billing_site.web.forms import DayField
from billing_site.web.states import state_choices
from invoicing.models import Invoice
from subscribers.models import BillCycle


class InvoiceFilter(forms.Form):
    """Which bills to list."""

    number = forms.CharField(
        label=_("Bill number"), required=False, max_length=32, widget=forms.TextInput(attrs={"dir": "ltr"})
    )
    account = forms.CharField(
        label=_("Account"), required=False, max_length=16, widget=forms.TextInput(attrs={"dir": "ltr", "size": "12"})
    )
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("all")), *state_choices(Invoice.State.values)]
    )
    run = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean_account(self) -> str:
        """Take digits of any script."""
        return clean_number_input(self.cleaned_data["account"])

    def clean_number(self) -> str:
        """Take small letters too."""
        number: str = self.cleaned_data["number"]
        return number.strip().upper()


class StartBillRunForm(forms.Form):
    """Cycle, days, and the findings that the person goes past."""

    cycle = forms.ModelChoiceField(queryset=BillCycle.objects.order_by("code"), label=_("Cycle"), empty_label=None)
    due_on = DayField(label=_("Due on"))
    overridden = forms.CharField(
        required=False,
        label=_("Findings to go past"),
        help_text=_("Codes, with spaces between. Your name is written beside each."),
    )

    def clean_overridden(self) -> list[str]:
        """Split into codes."""
        text: Any = self.cleaned_data["overridden"]
        return str(text or "").upper().split()


class DueFilter(forms.Form):
    """Days of issue."""

    first_on = DayField(label=_("Issued from"), required=False)
    last_on = DayField(label=_("Issued until"), required=False)
