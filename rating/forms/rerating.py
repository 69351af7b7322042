"""The form that proposes to price usage again."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing_site.core.digits import to_ascii_digits
from billing_site.web.forms import DayField, NamedChoice
from rating.models import UsageSource
from tariffs.models import Plan, Zone

MOST_TYPED = 4_000


class ReratingForm(forms.Form):
    """Which usage, and why."""

    first_on = DayField(label=_("Usage from"))
    last_on = DayField(label=_("Usage to"))
    plan = NamedChoice(Plan.objects.order_by("code"), label=_("Plan"), required=False, empty_label=_("any"))
    zone = NamedChoice(Zone.objects.order_by("code"), label=_("Zone"), required=False, empty_label=_("any"))
    source = forms.ModelChoiceField(
        UsageSource.objects.order_by("code"), label=_("Source"), required=False, empty_label=_("any")
    )
    accounts = forms.CharField(
        label=_("These accounts alone"),
        help_text=_("Account numbers with spaces or commas between them; empty: all."),
        required=False,
        max_length=MOST_TYPED,
        widget=forms.TextInput(attrs={"dir": "ltr", "size": "40"}),
    )
    reason = forms.CharField(label=_("Reason"), max_length=300)

    def clean_accounts(self) -> list[str]:
        """Return the numbers."""
        return to_ascii_digits(self.cleaned_data["accounts"]).replace(",", " ").split()

    def ids(self) -> dict[str, Any]:
        """Return the scope as the operation takes it."""
        data = self.cleaned_data
        named = {f"{name}_id": data[name].pk for name in ("plan", "zone", "source") if data[name]}
        return {**named, "account_numbers": data["accounts"]}
