"""Forms of traffic and key accounts."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from rating.forms.call_lists import NamedChoice, PeriodForm
from rating.models import UsageSource
from rating.queries.traffic import NOT_SAID
from subscribers.models import Account
from subscribers.queries.words import CATEGORIES
from tariffs.models import UsageCategory

SERVICES = (
    (0, pgettext_lazy("kind of use", "Calls")),
    (1, pgettext_lazy("kind of use", "Messages")),
    (2, pgettext_lazy("kind of use", "Data")),
    (3, pgettext_lazy("kind of use", "Content")),
)
TRAFFIC_BY = (
    ("source", _("Exchange")),
    ("trunk_in", _("Incoming trunk")),
    ("trunk_out", _("Outgoing trunk")),
    ("category", _("Customer category")),
    ("service", _("Service")),
    ("usage_category", _("Kind of use")),
    ("day", _("Day")),
    ("hour", _("Hour")),
)


class TrafficFilter(PeriodForm):
    """Which traffic, told apart by what."""

    by = forms.ChoiceField(label=pgettext_lazy("grouped", "By"), choices=TRAFFIC_BY, initial="source")
    source = forms.ModelChoiceField(
        UsageSource.objects.order_by("code"), label=_("Exchange"), required=False, empty_label=_("all")
    )
    trunk_in = forms.CharField(label=_("Incoming trunk"), required=False, max_length=64)
    trunk_out = forms.CharField(label=_("Outgoing trunk"), required=False, max_length=64)
    category = forms.ChoiceField(
        label=_("Customer category"), required=False, choices=[("", _("all")), *CATEGORIES.items()]
    )
    service = forms.TypedChoiceField(
        label=_("Service"), required=False, choices=[("", _("all")), *SERVICES], coerce=int, empty_value=None
    )
    usage_category = NamedChoice(
        UsageCategory.objects.order_by("code"), label=_("Kind of use"), required=False, empty_label=_("all")
    )


def narrowed_by(values: dict[str, Any]) -> dict[str, Any]:
    """Return what narrows the traffic, by dimension, of a filter's cleaned values."""
    only: dict[str, Any] = {name: values[name].pk for name in ("source", "usage_category") if values.get(name)}
    for name in ("trunk_in", "trunk_out"):
        if values.get(name):
            only[name] = "" if values[name] == NOT_SAID else values[name]
    if values.get("category"):
        only["category"] = values["category"]
    if values.get("service") is not None:
        only["service"] = values["service"]
    return only


class FollowKeyAccountForm(forms.Form):
    """Which account is followed day by day, or no longer."""

    number = forms.CharField(
        label=_("Account"), max_length=16, widget=forms.TextInput(attrs={"dir": "ltr", "inputmode": "numeric"})
    )
    is_key = forms.TypedChoiceField(
        label=_("Key account"),
        choices=[("1", _("Follow it day by day")), ("0", _("Do not follow it any more"))],
        coerce=lambda text: text == "1",
    )

    def clean_number(self) -> Account:
        """Return the account."""
        account = Account.objects.filter(number=self.cleaned_data["number"].strip()).first()
        if account is None:
            raise forms.ValidationError(_("There is no such account."))
        return account
