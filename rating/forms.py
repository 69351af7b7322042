"""Forms of the usage pages."""

from django import forms
from django.utils.translation import gettext_lazy as _

from billing_site.web.states import state_choices
from rating.models import SetAsideLine, UsageFile, UsageSource


class FileFilter(forms.Form):
    """Which files."""

    source = forms.ModelChoiceField(UsageSource.objects.order_by("code"), label=_("Source"), required=False)
    day = forms.DateField(label=_("Day"), required=False)
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", "–"), *state_choices(UsageFile.State.values)]
    )


class LineFilter(forms.Form):
    """Which lines that did not become records."""

    outcome = forms.ChoiceField(
        label=_("Outcome"), required=False, choices=[("", "–"), *state_choices(SetAsideLine.Outcome.values)]
    )
    reason = forms.CharField(label=_("Reason"), required=False, max_length=32)
    calling = forms.CharField(label=_("Calling number"), required=False, max_length=64)


class QuarantineFilter(forms.Form):
    """Which groups of the quarantine."""

    reason = forms.CharField(label=_("Reason"), required=False, max_length=32)


class ReleaseForm(forms.Form):
    """Why a held file may go on."""

    reason = forms.CharField(label=_("Reason"), max_length=300)
