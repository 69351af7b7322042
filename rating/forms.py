"""Forms of the usage pages."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from billing_site.web.forms import DayField, PhoneField
from billing_site.web.states import state_choices
from rating.models import SetAsideLine, UsageFile, UsageSource
from rating.queries.reasons import reason_choices


class FileFilter(forms.Form):
    """Which files."""

    source = forms.ModelChoiceField(
        UsageSource.objects.order_by("code"), label=_("Source"), required=False, empty_label=_("all")
    )
    day = DayField(label=_("Day"), required=False)
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("all")), *state_choices(UsageFile.State.values)]
    )


class LineFilter(forms.Form):
    """Which lines that did not become records."""

    outcome = forms.ChoiceField(
        label=_("Outcome"), required=False, choices=[("", _("all")), *state_choices(SetAsideLine.Outcome.values)]
    )
    reason = forms.ChoiceField(label=_("Reason"), required=False, choices=reason_choices(empty=_("all")))
    calling = forms.CharField(
        label=_("Calling number"), required=False, max_length=64, widget=forms.TextInput(attrs={"dir": "ltr"})
    )


class FileRecordFilter(forms.Form):
    """Whose records of a file."""

    number = PhoneField(label=_("Calling number"), required=False)

    def clean_number(self) -> str:
        """Return digits with the country code, which may be left out."""
        digits: str = self.cleaned_data["number"].lstrip("+").lstrip("0")
        country = settings.SALDO_COUNTRY_CODE
        return digits if not digits or digits.startswith(country) else f"{country}{digits}"


class CallingFilter(forms.Form):
    """Which lines of a group of the quarantine."""

    calling = forms.CharField(
        label=_("Calling number"), required=False, max_length=64, widget=forms.TextInput(attrs={"dir": "ltr"})
    )


class QuarantineFilter(forms.Form):
    """Which groups of the quarantine."""

    reason = forms.ChoiceField(label=_("Reason"), required=False, choices=reason_choices(empty=_("all")))


class ReleaseForm(forms.Form):
    """Why a held file may go on."""

    reason = forms.CharField(label=_("Reason"), max_length=300)
