"""Forms of minimum commitments, discounts, roundings and providers."""

from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from billing_site.core.digits import NotAnAmount, parse_amount
from billing_site.web.forms import CodeAndNames, CountField, DayField, NamedChoice, NamedChoices, PriceField
from billing_site.web.refusals import refusal_html
from tariffs.models import BillItem, ContractTerm, Plan
from tariffs.queries.discounts import ROUNDING_MODES

PERCENT_PLACES = 3
MICRO_PLACES = 6
SHOWN_ITEMS = 8
# A volume and the percentage from there on.
STEP_PARTS = 2


def _items(label: Any, help_text: Any, *, required: bool = False) -> NamedChoices:
    return NamedChoices(
        queryset=BillItem.objects.order_by("position", "code"),
        label=label,
        required=required,
        help_text=help_text,
        widget=forms.SelectMultiple(attrs={"size": SHOWN_ITEMS}),
    )


class DraftCommitmentForm(CodeAndNames):
    """What a line pays at the least."""

    plan = NamedChoice(queryset=Plan.objects.order_by("code"), label=_("Plan"), required=False)
    term = NamedChoice(
        queryset=ContractTerm.objects.order_by("code"),
        label=_("Contract term"),
        required=False,
        help_text=_("Either a plan or a contract term."),
    )
    amount = PriceField(label=_("Amount in a bill period, before tax"))
    bill_item = NamedChoice(
        queryset=BillItem.objects.order_by("position", "code"), label=_("What is missing is charged as")
    )
    counted_items = _items(_("What counts towards it"), _("Nothing chosen: everything."))
    valid_from = DayField(label=_("Valid from"))
    until_on = DayField(label=_("First day without it"), required=False)

    def commitment(self) -> dict[str, Any]:
        """Return what the operation takes."""
        given = self.cleaned_data
        return {
            **{name: given[name] for name in ("code", "amount", "valid_from", "until_on")},
            "names": self.names(),
            "plan_code": given["plan"].code if given["plan"] else "",
            "term_code": given["term"].code if given["term"] else "",
            "bill_item_code": given["bill_item"].code,
            "counted_item_codes": [item.code for item in given["counted_items"]],
        }


class EndForm(forms.Form):
    """The first day without it."""

    until_on = DayField(label=_("First day without it"))


class StepsField(forms.CharField):
    """Steps by volume, one a line: the volume and the percentage from there on."""

    def clean(self, value: Any) -> list[tuple[Decimal, Decimal]]:
        """Return pairs of decimals."""
        return [self._step(line) for line in str(super().clean(value) or "").splitlines() if line.strip()]

    def _step(self, line: str) -> tuple[Decimal, Decimal]:
        parts = [part for part in line.split(";") if part.strip()]
        if len(parts) != STEP_PARTS:
            raise ValidationError(_("Write a step as a volume, a semicolon and a percentage: 100000; 5"))
        try:
            return parse_amount(parts[0], digits=MICRO_PLACES), parse_amount(parts[1], digits=PERCENT_PLACES)
        except NotAnAmount as error:
            raise ValidationError(refusal_html(error)) from error


class CreateDiscountForm(CodeAndNames):
    """Something off certain items of the bill."""

    percent = PriceField(label=_("Per cent"), places=PERCENT_PLACES, required=False)
    amount = PriceField(label=_("Amount a bill"), required=False)
    steps = StepsField(
        label=_("Steps by volume of the group"),
        required=False,
        help_text=_("One a line: the volume, a semicolon, the percentage from there on."),
        widget=forms.Textarea(attrs={"rows": 4, "dir": "ltr"}),
    )
    bill_items = _items(_("Off which items"), _("Nothing chosen: all."))
    position = CountField(
        label=_("Place in the order"),
        min_value=1,
        max_value=32767,
        initial=None,
        help_text=_("Discounts work in the order of their positions, each on what the earlier ones left."),
    )

    def discount(self) -> dict[str, Any]:
        """Return what the operation takes."""
        given = self.cleaned_data
        return {
            **{name: given[name] for name in ("code", "percent", "amount", "steps", "position")},
            "names": self.names(),
            "bill_item_codes": [item.code for item in given["bill_items"]],
        }


class CashRoundingForm(forms.Form):
    """To what, which way, as which line."""

    currency = forms.RegexField(r"^[A-Z]{3}$", label=_("Currency"), initial=lambda: settings.SALDO_CURRENCY)
    unit = PriceField(label=_("Rounded to"), places=PERCENT_PLACES)
    mode = forms.ChoiceField(label=_("Which way"), choices=list(ROUNDING_MODES.items()))
    bill_item = NamedChoice(
        queryset=BillItem.objects.order_by("position", "code"),
        label=_("Line of the bill"),
        help_text=_("An item whose tax category has no tax."),
    )


class ProviderForm(CodeAndNames):
    """A provider and its items."""

    bill_items = _items(_("Its bill items"), _("What is billed under them is owed to it."), required=True)
