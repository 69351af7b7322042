"""Forms of online payments."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing_site.web.forms import DayField
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
