"""Forms of the till: the one that takes money, opening and counting, reversals, cheques, tills."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from billing_site.core.money import currency_digits, minor_to_decimal
from billing_site.identity.models import ServiceCentre
from billing_site.web.forms import AmountField, CountField, DayField, NamedChoice
from billing_site.web.wrapping import minor_html
from payments.domain.till import NOTE_LENGTH
from payments.models import Method, Till
from payments.operations.till_receipts import HandedOver, NewReceipt
from payments.queries.till_sessions import tills_of_centre
from payments.queries.till_words import FISCAL_DEVICES, METHODS

PAPERS = [(80, "80 mm"), (58, "58 mm")]
LINES = (1, 2, 3)
# What is counted by its sum alone.
PAPERS_COUNTED = tuple(method for method in METHODS if method != Method.CASH)


class TakePaymentForm(forms.Form):
    """
    What the payer hands over: up to three methods, and the cash that was given.

    ``form_key`` was made when the form was opened; ``confirmed`` holds the sum that was asked about.
    """

    account = forms.CharField(max_length=16, widget=forms.HiddenInput)
    session = forms.IntegerField(widget=forms.HiddenInput)
    form_key = forms.UUIDField(widget=forms.HiddenInput)
    confirmed = forms.IntegerField(required=False, widget=forms.HiddenInput)
    received = AmountField(label=pgettext_lazy("till", "Received"), required=False)
    note = forms.CharField(label=_("Note"), required=False, max_length=NOTE_LENGTH)

    def __init__(self, *args: Any, **options: Any) -> None:
        """Add the lines of the methods."""
        super().__init__(*args, **options)
        for n in LINES:
            self.fields[f"amount_{n}"] = AmountField(label=_("Amount"), required=n == 1)
            self.fields[f"method_{n}"] = forms.ChoiceField(
                label=_("Method"), choices=list(METHODS.items()), required=False
            )
            number = forms.TextInput(attrs={"autocomplete": "off", "size": "12"})
            self.fields[f"reference_{n}"] = forms.CharField(
                label=_("Number of the cheque, advice or slip"), required=False, max_length=64, widget=number
            )
            self.fields[f"bank_{n}"] = forms.CharField(label=_("Bank"), required=False, max_length=100)
            self.fields[f"day_{n}"] = DayField(label=_("Date of the cheque"), required=False)

    def lines(self) -> Iterator[dict[str, forms.BoundField]]:
        """Return the fields of each method, by what they hold."""
        names = ("amount", "method", "reference", "bank", "day")
        for n in LINES:
            yield {name: self[f"{name}_{n}"] for name in names}

    def chosen(self) -> list[int]:
        """Return the bills that were ticked."""
        return self._ticked("bill")

    def chosen_disputed(self) -> list[int]:
        """Return the bills of which what is disputed was ticked."""
        return self._ticked("disputed")

    def _ticked(self, name: str) -> list[int]:
        ticked = self.data.getlist(name) if hasattr(self.data, "getlist") else []
        return sorted(int(one) for one in ticked if one.isascii() and one.isdigit())

    def clean(self) -> dict[str, Any]:
        """Ask for the papers that a method needs, beside the field."""
        cleaned: dict[str, Any] = super().clean() or {}
        for n in LINES:
            if cleaned.get(f"amount_{n}"):
                self._need_papers(n, cleaned)
        return cleaned

    def _need_papers(self, n: int, cleaned: dict[str, Any]) -> None:
        method = cleaned.get(f"method_{n}") or Method.CASH
        needed = {
            Method.CASH: (),
            Method.CARD: ("reference",),
            Method.ADVICE: ("reference",),
            Method.CHEQUE: ("reference", "bank", "day"),
        }[Method(method)]
        for name in needed:
            if not cleaned.get(f"{name}_{n}") and f"{name}_{n}" not in self.errors:
                self.add_error(f"{name}_{n}", _("This method needs it."))

    def parts(self) -> list[HandedOver]:
        """Return what is handed over."""
        given = self.cleaned_data
        return [
            HandedOver(
                method=given[f"method_{n}"] or Method.CASH.value,
                amount_minor=given[f"amount_{n}"],
                reference=given[f"reference_{n}"],
                bank=given[f"bank_{n}"],
                document_on=given[f"day_{n}"],
            )
            for n in LINES
            if given.get(f"amount_{n}")
        ]

    def receipt(self) -> NewReceipt:
        """Return what is to be taken."""
        given = self.cleaned_data
        return NewReceipt(
            form_key=given["form_key"],
            account_number=given["account"],
            parts=self.parts(),
            received_minor=given["received"],
            chosen=self.chosen(),
            chosen_disputed=self.chosen_disputed(),
            note=given["note"],
        )


def typed_amount(minor: int) -> str:
    """Return an amount as a person would type it into a field."""
    return f"{minor_to_decimal(minor, digits=currency_digits(settings.SALDO_CURRENCY)):f}"


class OpenSessionForm(forms.Form):
    """Which till, and what lies in its drawer."""

    till = forms.ModelChoiceField(label=_("Till"), queryset=Till.objects.none(), empty_label=None)
    float_minor = AmountField(label=_("Cash in the drawer"), initial="0")

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer the tills of the centre named in ``initial``, no others."""
        super().__init__(*args, **options)
        offered: Any = self.fields["till"]
        offered.queryset = tills_of_centre(self.initial.get("centre_id")).order_by("code")
        if not offered.queryset.exists():
            offered.empty_label = _("No till of your centre is in use: a billing specialist sets one up.")


class CountForm(forms.Form):
    """What is there, counted without being told what should be."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """Ask for each note and coin, and for the sums of the other methods."""
        super().__init__(*args, **options)
        for value in settings.SALDO_DENOMINATIONS:
            self.fields[f"notes_{value}"] = CountField(label=minor_html(value), required=False, max_value=1_000_000)
        self.fields["other_cash"] = AmountField(label=_("Other cash"), required=False)
        for method in PAPERS_COUNTED:
            self.fields[f"sum_{method}"] = AmountField(label=METHODS[method], required=False)

    def denominations(self) -> dict[str, int]:
        """Return how many of each value there are."""
        given = self.cleaned_data
        return {str(value): given.get(f"notes_{value}") or 0 for value in settings.SALDO_DENOMINATIONS}

    def counted(self) -> dict[str, int]:
        """Return minor units by method."""
        given = self.cleaned_data
        cash = sum(int(value) * count for value, count in self.denominations().items())
        others = {method: given.get(f"sum_{method}") or 0 for method in PAPERS_COUNTED}
        return {Method.CASH.value: cash + (given.get("other_cash") or 0), **others}


class ForceCountForm(CountForm):
    """Somebody else's till, with the reason."""

    reason = forms.CharField(label=_("Why the clerk did not close it himself"), max_length=300)


class ReasonForm(forms.Form):
    """Why something is done."""

    reason = forms.CharField(label=_("Reason"), max_length=300)


class ReverseForm(ReasonForm):
    """Why a receipt is taken back; the form posts once."""

    form_key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def key(self) -> UUID:
        """Return the form's key; a form that lost it is its own."""
        return self.cleaned_data["form_key"] or uuid4()


class HandOverForm(forms.Form):
    """Cash that goes to the bank."""

    amount = AmountField(label=_("Amount"))
    reference = forms.CharField(label=_("Number of the bag or slip"), max_length=64)


class BounceForm(ReasonForm):
    """A cheque that was not paid."""

    charge = AmountField(label=_("Charge of the bank, owed by the account"), required=False)


class ChequeFilter(forms.Form):
    """Which cheques to list."""

    taken_from = DayField(label=_("Taken from"), required=False)
    number = forms.CharField(label=_("Number of the cheque"), required=False, max_length=64)


class SessionFilter(forms.Form):
    """Which sessions to list."""

    opened_on = DayField(label=_("Day"), required=False)


class CentreDayFilter(forms.Form):
    """Which day, and of which centre."""

    day = DayField(label=_("Day"), required=False)
    centre = NamedChoice(
        label=_("Service centre"), queryset=ServiceCentre.objects.order_by("code"), required=False, empty_label=_("all")
    )


class CentreDayForm(forms.Form):
    """A word about a day, needed where there is a difference."""

    note = forms.CharField(label=_("What comes of the difference"), max_length=300, required=False)


class TillForm(forms.Form):
    """What a till prints on and which device registers its receipts."""

    name = forms.CharField(label=_("Name"), max_length=100)
    paper_mm = forms.TypedChoiceField(label=_("Width of the receipt"), choices=PAPERS, coerce=int)
    fiscal_device = forms.ChoiceField(label=_("Fiscal device"), choices=list(FISCAL_DEVICES.items()), initial="JOURNAL")
    large = AmountField(label=_("Ask once when more than this is taken"))


class CreateTillForm(TillForm):
    """A new till."""

    code = forms.RegexField(
        r"^[A-Z0-9][A-Z0-9-]{0,11}$", label=_("Code"), help_text=_("Capital letters, digits, dashes.")
    )
    centre = NamedChoice(label=_("Service centre"), queryset=ServiceCentre.objects.order_by("code"))
    field_order = ("code", "name", "centre")


class ChangeTillForm(TillForm):
    """A till in use, or not."""

    is_active = forms.BooleanField(label=_("In use"), required=False)
