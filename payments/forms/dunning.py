"""Forms of dunning: policies and their steps, promises, exclusions, filters."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from billing_site.identity.models import ServiceCentre
from billing_site.web.forms import AmountField, CodeAndNames, CountField, DayField, NamedChoice
from billing_site.web.states import state_choices
from payments.models import DunningStep, PaymentPromise
from subscribers.models import Notice
from subscribers.queries.words import CATEGORIES
from tariffs.models import BillItem


class DraftPolicyForm(CodeAndNames):
    """The figures of a policy; its steps come afterwards."""

    category = forms.ChoiceField(
        label=_("Customer category"),
        required=False,
        choices=[("", _("every category without a policy of its own")), *CATEGORIES.items()],
    )
    valid_from = DayField(label=_("Valid from"))
    minimum = AmountField(label=_("Debts below this are left alone"))
    restore_below = AmountField(label=_("Lines are free again when less than this is overdue"))
    grace_days = CountField(
        label=_("Days of grace"), help_text=_("For who was not reminded in the last year."), max_value=365
    )
    excludes_key = forms.BooleanField(label=_("Leave key accounts alone"), required=False, initial=True)
    promises_a_year = CountField(label=_("Promises to pay in a year"), initial=2, max_value=99)
    promise_days = CountField(label=_("Days that a promise may lie ahead"), initial=14, max_value=365)
    takes_tax_back = forms.BooleanField(label=_("A write-off takes the tax in the debt back"), required=False)
    fee_item = NamedChoice(
        BillItem.objects.order_by("code"), label=_("Fees are billed as"), required=False, empty_label=_("no fees")
    )
    reconnection_fee = AmountField(label=_("Fee for making lines free again, before tax"), required=False)

    field_order = ("code", "category", "valid_from")

    def policy(self) -> dict[str, Any]:
        """Return the words of ``draft_dunning_policy``."""
        given = self.cleaned_data
        names = ("category", "valid_from", "grace_days", "excludes_key", "promises_a_year", "promise_days")
        return {
            **{name: given[name] for name in names},
            "code": given["code"],
            "names": self.names(),
            "takes_tax_back": given["takes_tax_back"],
            "fee_item_id": given["fee_item"].pk if given["fee_item"] else None,
            "reconnection_fee_minor": given["reconnection_fee"] or 0,
            "minimum_minor": given["minimum"],
            "restore_below_minor": given["restore_below"],
            "currency": settings.SALDO_CURRENCY,
        }


class StepForm(forms.Form):
    """A step of a ladder."""

    after_days = CountField(label=_("Days after the due date"), max_value=3650)
    minimum = AmountField(label=_("Only from this debt on"), required=False)
    action = forms.ChoiceField(label=_("What is done"), choices=DunningStep.Action.choices)
    channel = forms.ChoiceField(label=_("How the subscriber is told"), choices=Notice.Channel.choices)
    text = forms.ChoiceField(label=_("What the subscriber is told"), choices=DunningStep.Text.choices)
    late_fee = AmountField(label=_("Late fee, before tax"), required=False)


class PromiseForm(forms.Form):
    """A promise to pay."""

    amount = AmountField(label=_("Amount"))
    pay_until_on = DayField(label=_("Will be paid by"))
    channel = forms.ChoiceField(label=_("How it was given"), choices=PaymentPromise.Channel.choices)
    given_by = forms.CharField(label=_("Who promised"), max_length=100)


class ExclusionForm(forms.Form):
    """Leave an account out."""

    first_on = DayField(label=_("From"))
    last_on = DayField(label=_("To"), required=False, help_text=_("Empty: until somebody ends it."))
    reason = forms.CharField(label=_("Reason"), max_length=300)


class ActFilter(forms.Form):
    """Which steps."""

    standing = forms.ChoiceField(
        label=_("Which"),
        required=False,
        choices=[("current", _("the last step of debts still open")), ("all", _("every step taken"))],
    )
    action = forms.ChoiceField(
        label=_("What was done"), required=False, choices=[("", _("all")), *DunningStep.Action.choices]
    )


class PromiseFilter(forms.Form):
    """Which promises."""

    state = forms.ChoiceField(label=_("State"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        """Name the states as they are named when the page is shown."""
        super().__init__(*args, **options)
        states = [("", _("all")), *state_choices(PaymentPromise.State.values)]
        self.fields["state"].choices = states  # type: ignore[attr-defined]


class DebtorCallFilter(forms.Form):
    """Whom to call, write or tell."""

    channel = forms.ChoiceField(
        label=_("Way"),
        required=False,
        choices=[("", _("all")), *(one for one in Notice.Channel.choices if one[0] != Notice.Channel.EMAIL)],
    )
    centre = NamedChoice(
        ServiceCentre.objects.order_by("code"), label=_("Service centre"), required=False, empty_label=_("all")
    )


class EstimateFilter(forms.Form):
    """Of which day."""

    day = DayField(label=_("Day"), required=False)
