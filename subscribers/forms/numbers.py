"""Forms of the stock of numbers."""

from django import forms
from django.utils.translation import gettext_lazy as _

from billing_site.web.forms import PhoneField
from subscribers.forms import USES


class OfferFilter(forms.Form):
    """Which free numbers: by a part of them, and by use."""

    digits = PhoneField(label=_("Digits in the number"), required=False)
    use = forms.ChoiceField(label=_("Use"), required=False, choices=[("", _("all")), *USES.items()])

    def clean_digits(self) -> str:
        """Numbers are kept without a plus."""
        digits: str = self.cleaned_data["digits"]
        return digits.removeprefix("+")
