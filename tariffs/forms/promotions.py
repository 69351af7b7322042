"""Forms of promotions and contract terms."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing_site.web.forms import CodeAndNames, CountField, DayField, NamedChoice, NamedChoices, PriceField
from tariffs.models import BillItem, ContractTerm, Plan
from tariffs.operations.contract_terms import NewBonus, NewLeavingFee
from tariffs.queries.promotions import POLICIES, RULES

PERCENT_PLACES = 3
SHOWN_ITEMS = 8


class DraftPromotionForm(CodeAndNames):
    """The rule of a promotion: which figures it needs is decided by its kind, and by the operation."""

    kind = forms.ChoiceField(label=_("Rule"), choices=list(RULES.items()))
    credited_items = NamedChoices(
        queryset=BillItem.objects.order_by("position", "code"),
        label=_("What is given back"),
        help_text=_("For calls up to the rent: what counts as calls."),
        widget=forms.SelectMultiple(attrs={"size": SHOWN_ITEMS}),
    )
    rent_items = NamedChoices(
        queryset=BillItem.objects.order_by("position", "code"),
        label=_("What counts as the rent"),
        required=False,
        help_text=_("Only for calls up to the rent."),
        widget=forms.SelectMultiple(attrs={"size": SHOWN_ITEMS}),
    )
    percent = PriceField(label=_("Per cent"), places=PERCENT_PLACES, required=False)
    amount = PriceField(label=_("Amount in a bill period, before tax"), required=False)
    months = CountField(
        label=_("Months"),
        min_value=1,
        max_value=120,
        required=False,
        initial=None,
        help_text=_("For how long it holds from the day it is agreed. Calls up to the rent may hold without end."),
    )
    valid_from = DayField(label=_("Offered from"))
    until_on = DayField(label=_("First day without it"), required=False)
    position = CountField(
        label=_("Place in the order"),
        min_value=1,
        max_value=999,
        initial=100,
        help_text=_("Promotions work one after another, each on what is left."),
    )

    def promotion(self) -> dict[str, Any]:
        """Return what the operation takes."""
        given = self.cleaned_data
        same = ("code", "kind", "percent", "amount", "months", "valid_from", "until_on", "position")
        return {
            **{name: given[name] for name in same},
            "names": self.names(),
            "credited_item_codes": [item.code for item in given["credited_items"]],
            "rent_item_codes": [item.code for item in given["rent_items"]],
        }


class DraftContractTermForm(CodeAndNames):
    """How long one stays with a plan, what one gets for it, and what leaving early costs."""

    plan = NamedChoice(queryset=Plan.objects.order_by("code"), label=_("Plan"))
    months = CountField(label=_("Months"), min_value=1, max_value=120, initial=12)
    bonus_amount = PriceField(label=_("Bonus, before tax"), required=False, help_text=_("Empty: no bonus."))
    bonus_item = NamedChoice(
        queryset=BillItem.objects.order_by("position", "code"), label=_("Bill item of the bonus"), required=False
    )
    bonus_after_months = CountField(
        label=_("Bonus after so many months"), help_text=_("0 is the first day of the contract."), required=False
    )
    leave_policy = forms.ChoiceField(
        label=_("For leaving early"), choices=list(POLICIES.items()), initial=ContractTerm.Policy.NOTHING
    )
    leave_amount = PriceField(label=_("Fee, before tax"), required=False)
    leave_item = NamedChoice(
        queryset=BillItem.objects.order_by("position", "code"), label=_("Bill item of the fee"), required=False
    )

    def clean(self) -> dict[str, Any]:
        """Ask for the item of what is paid, and for nothing that is not."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if given.get("bonus_amount") and not given.get("bonus_item"):
            self.add_error("bonus_item", _("Choose the item of the bill on which the bonus stands."))
        is_free = given.get("leave_policy") == ContractTerm.Policy.NOTHING
        if is_free and given.get("leave_amount"):
            self.add_error("leave_policy", _("A fee is given: choose how it is counted."))
        if not is_free and not given.get("leave_amount"):
            self.add_error("leave_amount", _("Write the amount of the fee."))
        if not is_free and not given.get("leave_item"):
            self.add_error("leave_item", _("Choose the item of the bill on which the fee stands."))
        return given

    def term(self) -> dict[str, Any]:
        """Return what the operation takes."""
        given = self.cleaned_data
        bonus = fee = None
        if given["bonus_amount"]:
            bonus = NewBonus(
                amount=given["bonus_amount"],
                bill_item_code=given["bonus_item"].code,
                after_months=given["bonus_after_months"] or 0,
            )
        if given["leave_amount"]:
            fee = NewLeavingFee(
                policy=given["leave_policy"], amount=given["leave_amount"], bill_item_code=given["leave_item"].code
            )
        return {
            "code": given["code"],
            "names": self.names(),
            "plan_code": given["plan"].code,
            "months": given["months"],
            "bonus": bonus,
            "leaving_fee": fee,
        }
