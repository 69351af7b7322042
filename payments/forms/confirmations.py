"""Forms of reviews."""

from django import forms
from django.utils.translation import gettext_lazy as _


class ReviewForm(forms.Form):
    """How an operation was put right; nothing where it was only seen."""

    correction = forms.CharField(
        label=_("How it was put right"),
        max_length=300,
        required=False,
        help_text=_("Leave it empty if you have only seen it, or if nothing is to be put right."),
    )
