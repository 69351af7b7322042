"""Forms of how bills go out, and of where letters are carried."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from subscribers.models import DeliveryChannel
from subscribers.operations.delivery import ChosenWay


class BillDeliveryForm(forms.Form):
    """The ways that an account's bills take; at least one."""

    ways = forms.MultipleChoiceField(
        label=_("How the bills go out"),
        choices=DeliveryChannel.Kind.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    address = forms.EmailField(
        label=_("E-mail address for the bills"),
        required=False,
        help_text=_("Only if it is another than the subscriber's."),
        widget=forms.EmailInput(attrs={"dir": "ltr"}),
    )
    language = forms.ChoiceField(
        label=_("Language of the bills"),
        required=False,
        choices=[("", _("as the subscriber's")), *settings.LANGUAGES],
    )

    def chosen(self) -> list[ChosenWay]:
        """Return what was chosen."""
        given: dict[str, Any] = self.cleaned_data
        return [
            ChosenWay(
                kind=kind,
                address=given["address"] if kind == DeliveryChannel.Kind.E_MAIL else "",
                language=given["language"],
            )
            for kind in given["ways"]
        ]


class PostalAddressForm(forms.Form):
    """Where letters are carried."""

    address = forms.CharField(label=_("Address"), max_length=300, required=False)
    post_code = forms.CharField(
        label=_("Post code"), max_length=16, required=False, widget=forms.TextInput(attrs={"dir": "ltr", "size": "10"})
    )
    route = forms.CharField(
        label=_("Postman's round"),
        max_length=16,
        required=False,
        widget=forms.TextInput(attrs={"dir": "ltr", "size": "10"}),
    )
