"""Forms of information stations."""

from django import forms
from django.utils.translation import gettext_lazy as _

from billing_site.core import clock
from billing_site.core.digits import clean_number_input
from billing_site.core.money import decimal_to_micro
from billing_site.web.forms import DayField, PhoneField
from rating.domain.premium_shares import Share, ShareKind
from rating.models import PremiumStation


class PremiumStationForm(forms.Form):
    """An information station: names, whom to ask, access numbers, its share."""

    code = forms.CharField(label=_("Code"), max_length=32, widget=forms.TextInput(attrs={"dir": "ltr"}))
    name_en = forms.CharField(label=_("Name in English"), max_length=120)
    name_hy = forms.CharField(label=_("Name in Armenian"), max_length=120, required=False)
    name_ru = forms.CharField(label=_("Name in Russian"), max_length=120, required=False)
    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=120, required=False)
    name_ar = forms.CharField(label=_("Name in Arabic"), max_length=120, required=False)
    provider = forms.CharField(label=_("Provider"), max_length=200)
    contact_phone = PhoneField(label=_("Phone for questions"))
    contact_address = forms.CharField(label=_("Address for questions"), max_length=300, required=False)
    numbers = forms.CharField(
        label=_("Access numbers"),
        widget=forms.Textarea(attrs={"rows": 3, "dir": "ltr"}),
        help_text=_("One a line, with the country code."),
    )
    share_kind = forms.ChoiceField(label=_("Share"), choices=PremiumStation.ShareKind.choices)
    share_value = forms.DecimalField(
        label=_("Per cent or amount"), min_value=0, max_digits=12, decimal_places=4, localize=False
    )
    valid_from = DayField(label=_("Works from"), initial=clock.today)

    def clean_numbers(self) -> list[str]:
        """Return digits alone."""
        return [clean_number_input(line).lstrip("+") for line in self.cleaned_data["numbers"].split()]

    def names(self) -> dict[str, str]:
        """Return the names that were typed, by language."""
        fields = {"en": "name_en", "hy": "name_hy", "ru": "name_ru", "zh-hans": "name_zh", "ar": "name_ar"}
        return {code: self.cleaned_data[name] for code, name in fields.items() if self.cleaned_data.get(name)}

    def share(self) -> Share:
        """Return the share."""
        kind, value = ShareKind(self.cleaned_data["share_kind"]), self.cleaned_data["share_value"]
        if kind is ShareKind.PERCENT:
            return Share(kind=kind, percent=value)
        return Share(kind=kind, amount_micro=decimal_to_micro(value))


class PremiumContactForm(forms.Form):
    """Whom a caller may ask about a station's calls."""

    provider = forms.CharField(label=_("Provider"), max_length=200)
    contact_phone = PhoneField(label=_("Phone for questions"))
    contact_address = forms.CharField(label=_("Address for questions"), max_length=300, required=False)


class EndStationForm(forms.Form):
    """From which day on a station works no more."""

    until = DayField(label=_("Works no more from"))
