"""Forms of the networks' pages."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from billing_site.web.forms import AmountField
from billing_site.web.refusals import refusal_html
from payments.domain.trust import NotAnAddress, read_addresses
from payments.models import TerminalNetwork


class NetworkForm(forms.Form):
    """How a network speaks, from where, and up to which limits."""

    name = forms.CharField(label=_("Name"), max_length=100)
    dialect = forms.ChoiceField(label=_("Dialect"), choices=TerminalNetwork.Dialect.choices)
    partner_id = forms.RegexField(
        r"^[0-9A-Za-z-]{1,32}$",
        label=_("Our own name at the network"),
        required=False,
        help_text=_("Where its requests carry it: the wallet's number of ours at Idram."),
        widget=forms.TextInput(attrs={"dir": "ltr"}),
    )
    addresses = forms.CharField(
        label=_("Addresses"),
        required=False,
        max_length=1000,
        help_text=_("Nets from which its requests come, like 192.0.2.0/24, divided by spaces. Empty: from anywhere."),
        widget=forms.Textarea(attrs={"rows": 3, "dir": "ltr"}),
    )
    minimum = AmountField(label=_("Least of one payment"))
    maximum = AmountField(label=_("Most of one payment"))
    daily_limit = AmountField(label=_("Most of one day"), required=False, help_text=_("Empty: without a bound."))
    is_active = forms.BooleanField(label=_("Requests are taken"), required=False, initial=True)

    def clean_addresses(self) -> tuple[str, ...]:
        """Read the nets."""
        try:
            return read_addresses(self.cleaned_data["addresses"])
        except NotAnAddress as error:
            raise ValidationError(refusal_html(error)) from error


class NewNetworkForm(NetworkForm):
    """The same with a code, which stands in the network's address and never changes."""

    field_order = ("code",)
    code = forms.RegexField(
        r"^[a-z0-9][a-z0-9-]{0,31}$",
        label=_("Code"),
        help_text=_("Small letters, digits, dashes: it stands in the address that the network calls."),
        widget=forms.TextInput(attrs={"dir": "ltr"}),
    )


class SettleAlarmForm(forms.Form):
    """What came of an alarm."""

    note = forms.CharField(label=_("What came of it"), max_length=300)
