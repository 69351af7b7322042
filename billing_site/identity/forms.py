"""What a person types about himself."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _


class SecondFactorForm(forms.Form):
    """The code of an authenticator, or a spare code."""

    token = forms.CharField(
        label=_("Code"),
        max_length=16,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "dir": "ltr"}),
    )
    next = forms.CharField(required=False, widget=forms.HiddenInput)


class PreferencesForm(forms.Form):
    """The language in which a person works."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
