"""Forms of the payments' pages."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing_site.identity.models import ServiceCentre
from billing_site.web.forms import DayField, NamedChoice
from payments.models import Payment, PaymentReversal, TerminalNetwork

CHANNELS = [
    ("TERMINAL", _("Payment terminal")),
    ("TILL", _("Till")),
    ("BANK", _("Bank")),
    ("ONLINE", _("Online payment")),
    ("DEBIT", _("Direct debit")),
    ("SUSPENSE", _("Out of suspense")),
    ("DEPOSIT", _("Out of a deposit")),
]
STATES = [("POSTED", _("Posted to an account")), ("SUSPENSE", _("In suspense"))]
# As lists filter by them: what was taken back is in no other state.
LISTED_STATES = [*STATES, *PaymentReversal.Kind.choices]

assert {code for code, _label in CHANNELS} == set(Payment.Channel.values), "every channel has its word"
assert {code for code, _label in STATES} == set(Payment.State.values), "every state has its word"


class PaymentFilter(forms.Form):
    """Which payments to list."""

    posted_from = DayField(label=_("From"), required=False)
    posted_to = DayField(label=_("To"), required=False)
    account_number = forms.CharField(
        label=_("Account"),
        required=False,
        max_length=16,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "size": "12"}),
    )
    channel = forms.ChoiceField(label=_("Received through"), required=False, choices=[("", _("all")), *CHANNELS])
    network = forms.ModelChoiceField(
        label=_("Network"), required=False, empty_label=_("all"), queryset=TerminalNetwork.objects.order_by("name")
    )
    centre = NamedChoice(
        ServiceCentre.objects.order_by("code"), label=_("Service centre"), required=False, empty_label=_("all")
    )
    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("all")), *LISTED_STATES])
    taken_at = NamedChoice(
        ServiceCentre.objects.order_by("code"), label=_("Taken at"), required=False, empty_label=_("all")
    )
    hour = forms.IntegerField(label=_("Hour of the day"), required=False, min_value=0, max_value=23)

    def clean(self) -> dict[str, Any]:
        """Keep the days in order."""
        cleaned: dict[str, Any] = super().clean() or {}
        first, last = cleaned.get("posted_from"), cleaned.get("posted_to")
        if first and last and first > last:
            self.add_error("posted_to", _("This day is before the first one."))
        return cleaned
