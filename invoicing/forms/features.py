"""Forms of features of lines."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from billing_site.web.forms import DayField, NamedChoice
from tariffs.models import Feature

MOST_DAYS = 366


class AddFeatureForm(forms.Form):
    """A feature, and the first day with it; ``initial`` names those that the line may have."""

    feature = NamedChoice(queryset=Feature.objects.none(), label=_("Feature"))
    from_on = DayField(label=_("Valid from"))

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer what has a price and is not held."""
        super().__init__(*args, **options)
        fields: Any = self.fields
        fields["feature"].queryset = Feature.objects.filter(pk__in=self.initial["features"]).order_by("code")

    def clean_from_on(self) -> date:
        """Take a day within a year: another one is a slip of the keyboard."""
        day: date = self.cleaned_data["from_on"]
        if abs((day - self.initial["from_on"]).days) > MOST_DAYS:
            raise ValidationError(_("The day is more than a year away."))
        return day
