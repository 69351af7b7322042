"""Forms of online payments."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing_site.web.forms import AmountField, CountField, DayField
from billing_site.web.states import state_choices
from payments.models import OnlinePayment


class OnlineFilter(forms.Form):
    """Which online payments."""

    state = forms.ChoiceField(label=_("State"), required=False)
    started_from = DayField(label=_("From"), required=False)
    account_number = forms.CharField(label=_("Account"), required=False, max_length=16)

    def __init__(self, *args: Any, **options: Any) -> None:
        """Take the words of the states once every app has added its own."""
        super().__init__(*args, **options)
        self.fields["state"].choices = [("", _("all")), *state_choices(OnlinePayment.State.values)]  # type: ignore[attr-defined]


class ProviderForm(forms.Form):
    """What a provider is called, its limits, and whether payers are led to it."""

    name = forms.CharField(label=_("Name"), max_length=100)
    minimum = AmountField(label=_("Least of one payment"))
    maximum = AmountField(label=_("Most of one payment"))
    lifetime = CountField(label=_("Counts as not made after, in minutes"), min_value=1, max_value=100_000)
    is_active = forms.BooleanField(label=_("Payers are led to it"), required=False)
