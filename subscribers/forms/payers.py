"""Forms of exemptions, payers, groups and discounts of accounts."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from billing_site.core.digits import clean_number_input
from billing_site.web.forms import CodeAndNames, DayField, NamedChoice, NamedChoices, PriceField
from subscribers.models import Account, CustomerGroup
from subscribers.queries.words import GROUP_KINDS
from tariffs.models import BillItem, Discount, TaxCategory

PERCENT_PLACES = 3
SHOWN_ITEMS = 8


class AccountNumberField(forms.CharField):
    """The number of an account; the cleaned value is the account."""

    def __init__(self, **options: Any) -> None:
        """Let the keyboard of digits open."""
        options.setdefault("max_length", 20)
        options.setdefault("widget", forms.TextInput(attrs={"inputmode": "numeric", "dir": "ltr", "size": "14"}))
        super().__init__(**options)

    def clean(self, value: Any) -> Account:
        """Return the account of the number."""
        number = clean_number_input(str(super().clean(value)))
        account = Account.objects.filter(number=number).first()
        if account is None:
            raise ValidationError(_("There is no account with this number."))
        return account


class ExemptionForm(forms.Form):
    """What is not taxed, or taxed otherwise, and by which paper."""

    category = NamedChoice(queryset=TaxCategory.objects.order_by("code"), label=_("Tax category"))
    instead = NamedChoice(queryset=TaxCategory.objects.order_by("code"), label=_("Taxed instead as"))
    certificate = forms.CharField(label=_("Number of the certificate"), max_length=64)
    from_on = DayField(label=_("Valid from"))
    until_on = DayField(label=_("First day without it"), required=False)


class TaxNumberForm(forms.Form):
    """The country and the number; the rule of the country checks it."""

    country = forms.CharField(
        label=_("Country, two letters"),
        min_length=2,
        max_length=2,
        widget=forms.TextInput(attrs={"dir": "ltr", "size": "2"}),
    )
    number = forms.CharField(
        label=_("Number in the tax register"),
        max_length=24,
        required=False,
        help_text=_("It stands on the company's bills. Nothing: the company has none."),
        widget=forms.TextInput(attrs={"dir": "ltr", "size": "20"}),
    )


class PayerForm(forms.Form):
    """Who pays what, and how much of it."""

    payer = AccountNumberField(label=_("Account that pays"))
    bill_items = NamedChoices(
        queryset=BillItem.objects.order_by("position", "code"),
        label=_("What it pays"),
        required=False,
        help_text=_("Nothing chosen: everything for which no other payer is named."),
        widget=forms.SelectMultiple(attrs={"size": SHOWN_ITEMS}),
    )
    percent = PriceField(label=_("Share, per cent"), places=PERCENT_PLACES, initial=Decimal(100))
    from_on = DayField(label=_("Valid from"))
    until_on = DayField(label=_("First day without it"), required=False)


class JoinCustomerGroupForm(forms.Form):
    """A group that an account joins."""

    group = NamedChoice(queryset=CustomerGroup.objects.order_by("code"), label=_("Customer group"))
    from_on = DayField(label=_("Valid from"))


class CustomerGroupForm(CodeAndNames):
    """A new group."""

    kind = forms.ChoiceField(label=_("Kind"), choices=list(GROUP_KINDS.items()))
    field_order = ("kind", "code")


class DiscountForm(forms.Form):
    """A discount from a day on."""

    discount = NamedChoice(queryset=Discount.objects.none(), label=_("Discount"))
    from_on = DayField(label=_("Valid from"))
    until_on = DayField(label=_("First day without it"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer those that work for an account alone; a group may have those by volume too."""
        super().__init__(*args, **options)
        fields: Any = self.fields
        rows = Discount.objects.order_by("position")
        fields["discount"].queryset = rows if self.initial.get("for_group") else rows.exclude(kind=Discount.Kind.VOLUME)
