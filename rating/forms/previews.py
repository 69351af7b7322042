"""Which months a draft is tried on."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing_site.core.periods import add_months
from billing_site.web.forms import CountField

OFFERED = 24
MOST_MONTHS = 12


class PreviewForm(forms.Form):
    """The first month, and how many."""

    first_month = forms.TypedChoiceField(
        label=_("First month"),
        coerce=date.fromisoformat,
        help_text=_("The usage periods that begin in this month, of every bill cycle."),
    )
    month_count = CountField(label=_("Months"), min_value=1, max_value=MOST_MONTHS, initial=1)

    def __init__(self, *args: Any, last_month: date, **options: Any) -> None:
        """Offer the months up to the last one that is over."""
        super().__init__(*args, **options)
        months = [add_months(last_month, -back) for back in range(OFFERED)]
        field = self.fields["first_month"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [(month.isoformat(), f"{month:%Y-%m}") for month in months]
        field.initial = last_month.isoformat()
