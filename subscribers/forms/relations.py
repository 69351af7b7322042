"""Forms of favourite numbers, closed groups and customer categories."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from billing_site.web.forms import CodeAndNames, DayField, NamedChoice, PhoneField
from subscribers.domain.dialling import whole_number
from subscribers.forms import LineField
from subscribers.models import Subscription, UserGroup
from subscribers.queries.agreements import lines_not_ended
from subscribers.queries.words import CATEGORIES


class LineForm(forms.Form):
    """One of the account's lines, from a day on; ``initial`` names the account."""

    line = LineField(queryset=Subscription.objects.none(), label=pgettext_lazy("of a subscriber", "Line"))
    from_on = DayField(label=_("Valid from"))

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer the account's lines."""
        super().__init__(*args, **options)
        fields: Any = self.fields
        fields["line"].queryset = lines_not_ended(account_id=self.initial["account_id"])


class FavouriteForm(LineForm):
    """A number that a line calls at the price of favourites."""

    number = PhoneField(label=_("Favourite number"), help_text=_("As it is dialled, or with the country code."))
    field_order = ("line", "number", "from_on")

    def clean_number(self) -> str:
        """Return it whole, as calls are kept."""
        return whole_number(self.cleaned_data["number"], country_code=settings.SALDO_COUNTRY_CODE)


class JoinGroupForm(LineForm):
    """A group that a line joins."""

    group = NamedChoice(queryset=UserGroup.objects.order_by("code"), label=_("Closed group"))
    field_order = ("line", "group", "from_on")


class UserGroupForm(CodeAndNames):
    """A new group."""


class CategoryForm(forms.Form):
    """The customer category of an account, from when on, and why it changes."""

    category = forms.ChoiceField(label=_("Customer category"), choices=list(CATEGORIES.items()))
    changed_on = DayField(label=_("First day of the new category"))
    reason = forms.CharField(label=_("Reason"), max_length=300)
