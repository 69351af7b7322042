"""Forms of direct debits: creditor, mandates, batches, answers of the bank, filters."""

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from billing_site.core.digits import to_ascii_digits
from billing_site.identity.models import ServiceCentre
from billing_site.web.forms import CountField, DayField, ModelChoiceField, NamedChoice
from billing_site.web.states import state_choices
from payments.domain.debit_orders import FILE_VERSIONS
from payments.domain.debit_reasons import REASONS
from payments.models import DebitBatch, DebitCreditor, DebitItem, DebitMandate

NUMBER_ATTRS = {"dir": "ltr", "autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}


class DaysField(forms.CharField):
    """Whole numbers with commas between them."""

    def clean(self, value: Any) -> tuple[int, ...]:
        """Return the numbers."""
        text = to_ascii_digits(str(super().clean(value) or ""))
        try:
            return tuple(int(part) for part in text.replace("،", ",").split(",") if part.strip())
        except ValueError as error:
            raise ValidationError(_("Give whole numbers with commas between them, for example 3, 7.")) from error


class CodesField(forms.CharField):
    """Codes with commas between them."""

    def clean(self, value: Any) -> tuple[str, ...]:
        """Return the codes in capitals."""
        text = str(super().clean(value) or "").replace("،", ",")
        return tuple(part.strip().upper() for part in text.split(",") if part.strip())


class CreditorForm(forms.Form):
    """Who collects."""

    code = forms.RegexField(r"^[A-Z0-9][A-Z0-9-]{0,31}$", label=_("Code"), help_text=_("Capital letters and digits."))
    name = forms.CharField(label=_("Name, as the bank knows us"), max_length=70)
    creditor_id = forms.CharField(label=_("Creditor's number, given by the bank"), max_length=35)
    iban = forms.CharField(
        label=_("Our bank account (IBAN)"), max_length=60, widget=forms.TextInput(attrs={**NUMBER_ATTRS})
    )
    bic = forms.CharField(
        label=_("Code of our bank (BIC)"), max_length=14, required=False, widget=forms.TextInput(attrs={**NUMBER_ATTRS})
    )
    file_version = forms.ChoiceField(
        label=_("Version of the file"), choices=[(one, one) for one in FILE_VERSIONS], initial=FILE_VERSIONS[-1]
    )
    lead_days = CountField(
        label=_("Days before the collection by which the bank has the file"), initial=1, max_value=30
    )
    answer_days = CountField(label=_("Days after it by which the bank has answered"), initial=10, max_value=90)
    retry_days = DaysField(
        label=_("Days from a failure to the next try"),
        required=False,
        initial="3, 7",
        help_text=_("One number for each further try. Empty: nothing is tried again."),
    )
    retry_reasons = CodesField(label=_("Reasons that are tried again"), required=False, initial="AM04, MS03")
    result_map = forms.JSONField(
        label=_("How the bank writes its own lists of answers"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5, "dir": "ltr", "spellcheck": "false"}),
        help_text=_("Empty where the bank sends pain.002 or camt.054."),
    )

    def creditor(self) -> dict[str, Any]:
        """Return the words of ``set_debit_creditor``."""
        return {**self.cleaned_data, "result_map": self.cleaned_data["result_map"] or {}}


def creditor_values(creditor: DebitCreditor) -> dict[str, Any]:
    """Return what a form for a creditor shows at first."""
    names = ("code", "name", "creditor_id", "iban", "bic", "file_version", "lead_days", "answer_days")
    return {
        **{name: getattr(creditor, name) for name in names},
        "retry_days": ", ".join(str(day) for day in creditor.retry_days),
        "retry_reasons": ", ".join(creditor.retry_reasons),
        "result_map": json.dumps(creditor.result_map) if creditor.result_map else "",
    }


def creditor_choice(**options: Any) -> ModelChoiceField:
    """Return a field to choose who collects."""
    chosen = DebitCreditor.objects.filter(is_active=True).order_by("code")
    return ModelChoiceField(chosen, label=_("Creditor"), empty_label=None, to_field_name="code", **options)


class MandateForm(forms.Form):
    """A signed mandate."""

    creditor = creditor_choice()
    holder_name = forms.CharField(label=_("Account holder, as the bank knows him"), max_length=70)
    iban = forms.CharField(
        label=_("Bank account (IBAN)"),
        max_length=60,
        widget=forms.TextInput(attrs={**NUMBER_ATTRS}),
        help_text=_("Afterwards only the last four characters can be seen."),
    )
    bic = forms.CharField(
        label=_("Code of the bank (BIC)"), max_length=14, required=False, widget=forms.TextInput(attrs={**NUMBER_ATTRS})
    )
    signed_on = DayField(label=_("Signed on"))
    reference = forms.CharField(
        label=_("Reference of the mandate"),
        max_length=35,
        required=False,
        help_text=_("As it stands on the paper; empty, it is numbered by itself."),
    )


class RevokeForm(forms.Form):
    """Why a mandate ends."""

    reason = forms.CharField(label=_("Reason"), max_length=300)


class BatchForm(forms.Form):
    """What is to be collected, and when."""

    creditor = creditor_choice()
    due_by = DayField(label=_("Bills due by"))
    collect_on = DayField(label=_("Day of collection"))


class ResultsForm(forms.Form):
    """A file of the bank."""

    creditor = creditor_choice()
    results = forms.FileField(
        label=_("File of the bank"), help_text=_("pain.002, camt.054, or the bank's own list by the creditor's map.")
    )


class RetryForm(forms.Form):
    """When it is tried again."""

    retry_on = DayField(label=_("Try again on"))


class MandateFilter(forms.Form):
    """Which mandates."""

    state = forms.ChoiceField(label=_("State"), required=False)
    account_number = forms.CharField(label=_("Account"), required=False, max_length=16)

    def __init__(self, *args: Any, **options: Any) -> None:
        """Take the words of the states once every app has added its own."""
        super().__init__(*args, **options)
        self.fields["state"].choices = [("", _("all")), *state_choices(DebitMandate.State.values)]  # type: ignore[attr-defined]


class BatchFilter(forms.Form):
    """Which batches."""

    state = forms.ChoiceField(label=_("State"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        """Take the words of the states once every app has added its own."""
        super().__init__(*args, **options)
        self.fields["state"].choices = [("", _("all")), *state_choices(DebitBatch.State.values)]  # type: ignore[attr-defined]


class ItemFilter(forms.Form):
    """Which orders of a batch."""

    state = forms.ChoiceField(label=_("Answer"), required=False, choices=[("", _("all")), *DebitItem.State.choices])


class FailureFilter(forms.Form):
    """Whose failures, and for which reason."""

    centre = NamedChoice(
        ServiceCentre.objects.order_by("code"), label=_("Service centre"), required=False, empty_label=_("all")
    )
    reason = forms.ChoiceField(
        label=_("Reason"), required=False, choices=[("", _("all")), *((code, code) for code in sorted(REASONS))]
    )
