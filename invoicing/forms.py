"""What a person fills in to start a bill run, to find bills, and to charge something once."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing_site.core.digits import clean_number_input
from billing_site.web.forms import CountField, DayField, NamedChoice, PriceField
from billing_site.web.states import state_choices
from invoicing.models import Invoice
from invoicing.queries.charges import KINDS, STANDINGS
from subscribers.forms import LineField
from subscribers.models import BillCycle, Subscription
from subscribers.queries.agreements import lines_not_ended
from tariffs.models import BillItem

REASON_LENGTH = 300


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


class ChargeFilter(forms.Form):
    """Which one-off charges to list."""

    account = forms.CharField(
        label=_("Account"), required=False, max_length=16, widget=forms.TextInput(attrs={"dir": "ltr", "size": "12"})
    )
    standing = forms.ChoiceField(label=_("State"), required=False)
    kind = forms.ChoiceField(label=_("What for"), required=False, choices=[("", _("all")), *KINDS.items()])
    first = DayField(label=_("From"), required=False)
    last = DayField(label=_("To"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        """Name the states as they are named when the page is shown."""
        super().__init__(*args, **options)
        fields: Any = self.fields
        fields["standing"].choices = [("", _("all")), *state_choices(STANDINGS)]

    def clean_account(self) -> str:
        """Take digits of any script."""
        return clean_number_input(self.cleaned_data["account"])


class AddChargeForm(forms.Form):
    """A charge of an account, of one of its lines if wanted; ``initial`` names the account."""

    bill_item = NamedChoice(queryset=BillItem.objects.order_by("position", "code"), label=_("Bill item"))
    kind = forms.ChoiceField(label=_("What for"), choices=list(KINDS.items()))
    line = LineField(
        queryset=Subscription.objects.none(), label=_("Line"), required=False, empty_label=_("The whole account")
    )
    price = PriceField(label=_("Price of one"))
    quantity = CountField(label=_("Quantity"), min_value=1)
    charged_on = DayField(label=_("Day"))
    note = forms.CharField(label=_("Note"), max_length=REASON_LENGTH, help_text=_("What the charge is for."))

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer the account's lines."""
        super().__init__(*args, **options)
        fields: Any = self.fields
        fields["line"].queryset = lines_not_ended(account_id=self.initial["account_id"])


class WithdrawChargeForm(forms.Form):
    """Why a charge is taken back."""

    reason = forms.CharField(label=_("Reason"), max_length=REASON_LENGTH)


class ChargeSheetForm(forms.Form):
    """A sheet of charges."""

    sheet = forms.FileField(label=_("Sheet"), help_text=_("CSV in UTF-8, or .xlsx."))
