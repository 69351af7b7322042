"""What a person fills in to start a bill run, and to find bills."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from billing_site.core.digits import clean_number_input
from billing_site.identity.models import User
from billing_site.identity.roles import Role
from billing_site.web.forms import DayField, ModelChoiceField
from billing_site.web.states import state_choices
from invoicing.models import BillDelivery, Invoice
from subscribers.models import BillCycle, DeliveryChannel


class InvoiceFilter(forms.Form):
    """Which bills to list."""

    number = forms.CharField(
        label=_("Bill number"), required=False, max_length=32, widget=forms.TextInput(attrs={"dir": "ltr"})
    )
    account = forms.CharField(
        label=_("Account"), required=False, max_length=16, widget=forms.TextInput(attrs={"dir": "ltr", "size": "12"})
    )
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("all")), *state_choices(Invoice.State.values)]
    )
    run = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean_account(self) -> str:
        """Take digits of any script."""
        return clean_number_input(self.cleaned_data["account"])

    def clean_number(self) -> str:
        """Take small letters too."""
        number: str = self.cleaned_data["number"]
        return number.strip().upper()


class StartBillRunForm(forms.Form):
    """Cycle, days, and the findings that the person goes past."""

    cycle = forms.ModelChoiceField(queryset=BillCycle.objects.order_by("code"), label=_("Cycle"), empty_label=None)
    due_on = DayField(label=_("Due on"))
    overridden = forms.CharField(
        required=False,
        label=_("Findings to go past"),
        help_text=_("Codes, with spaces between. Your name is written beside each."),
    )

    def clean_overridden(self) -> list[str]:
        """Split into codes."""
        text: Any = self.cleaned_data["overridden"]
        return str(text or "").upper().split()


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
    """Batches of one run."""

    run = forms.IntegerField(label=_("Run"), required=False, min_value=1)


class HandOverForm(forms.Form):
    """To whom a batch goes."""

    handed_over_to = forms.CharField(label=_("Handed over to"), max_length=100)


class PageForm(forms.Form):
    """From which page on."""

    page = forms.IntegerField(label=_("Page"), min_value=1)


class OpenPeriodForm(forms.Form):
    """Any day of the month."""

    month = DayField(label=_("A day of the month"))


class StepNoteForm(forms.Form):
    """What was done."""

    note = forms.CharField(label=_("Note"), max_length=300, required=False)


class PeriodReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=_("Reason"), max_length=300)


class AssignStepForm(forms.Form):
    """Owner, deadline and limit of a step."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    person = ModelChoiceField(
        queryset=User.objects.filter(is_active=True).order_by("full_name"),
        label=_("Person"),
        required=False,
        empty_label=_("everybody of the role"),
    )
    due_on = DayField(label=_("Deadline"))
    allowed_count = forms.IntegerField(
        label=_("May stay open"), min_value=0, help_text=_("For a step that proves itself: lines, bills, days.")
    )
