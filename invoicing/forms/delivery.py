"""Forms of how bills go out: the list, sending again, print batches."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from billing_site.web.states import state_choices
from invoicing.models import BillDelivery, PrintBatch
from subscribers.models import DeliveryChannel


class BillDeliveryFilter(forms.Form):
    """Which of the ways that bills took."""

    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("", _("all")),
            ("BACK", _("came back or failed")),
            *state_choices(BillDelivery.State.values),
        ],
    )
    channel = forms.ChoiceField(label=_("Way"), required=False, choices=[("", _("all")), *DeliveryChannel.Kind.choices])
    run = forms.IntegerField(required=False, widget=forms.HiddenInput)
    batch = forms.IntegerField(required=False, widget=forms.HiddenInput)


class ResendBillForm(forms.Form):
    """Which way a bill takes once more."""

    channel = forms.ChoiceField(label=_("Way"), choices=DeliveryChannel.Kind.choices)
    address = forms.EmailField(
        label=_("E-mail address"),
        required=False,
        help_text=_("For mail; empty for the subscriber's own."),
        widget=forms.EmailInput(attrs={"dir": "ltr"}),
    )
    language = forms.ChoiceField(label=_("Language of the bill"), choices=settings.LANGUAGES)


class PrintBatchFilter(forms.Form):
    """Batches of one run, or in one state."""

    state = forms.ChoiceField(
        label=_("State"), required=False, choices=lambda: [("", _("all")), *state_choices(PrintBatch.State.values)]
    )
    run = forms.IntegerField(label=pgettext_lazy("bills", "Run"), required=False, min_value=1)


class HandOverForm(forms.Form):
    """To whom a batch goes."""

    handed_over_to = forms.CharField(label=_("Handed over to"), max_length=100)


class PageForm(forms.Form):
    """From which page on."""

    page = forms.IntegerField(label=_("Page"), min_value=1)
