"""Forms of suspense: to whom money is given, and why a payment is taken back."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing_site.core.checkdigits import is_valid
from billing_site.core.digits import to_ascii_digits
from billing_site.web.forms import AmountField, CountField
from payments.forms import CHANNELS
from payments.models import PaymentReversal
from payments.operations.suspense import SuspensePart

# Owners that one form gives money to.
PLACES = 4


class AccountNumberField(forms.CharField):
    """An account's number with its check digit, in any script's digits."""

    def __init__(self, **options: Any) -> None:
        """Let the keyboard of digits open."""
        options.setdefault("max_length", 32)
        widget = forms.TextInput(attrs={"inputmode": "numeric", "dir": "ltr", "size": "14", "autocomplete": "off"})
        options.setdefault("widget", widget)
        super().__init__(**options)

    def clean(self, value: Any) -> str:
        """Return the digits; a number whose last digit does not fit the others is refused."""
        number = to_ascii_digits(str(super().clean(value) or "")).replace(" ", "")
        if number and not is_valid(number):
            raise forms.ValidationError(_("This is no account number: its last digit does not fit the others."))
        return number


class GiveSuspenseForm(forms.Form):
    """Up to four owners, each with what it gets."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """Make a pair of fields for each place; the first one must be filled."""
        super().__init__(*args, **options)
        for n in range(1, PLACES + 1):
            is_first = n == 1
            self.fields[f"account_{n}"] = AccountNumberField(
                label=_("Account") if is_first else _("One more account"), required=is_first
            )
            self.fields[f"amount_{n}"] = AmountField(label=_("Amount"), required=is_first)

    def clean(self) -> dict[str, Any]:
        """Want an amount for each account, and an account for each amount."""
        cleaned: dict[str, Any] = super().clean() or {}
        for n in range(2, PLACES + 1):
            if bool(cleaned.get(f"account_{n}")) != bool(cleaned.get(f"amount_{n}")) and not self.errors:
                self.add_error(f"amount_{n}", _("Give an account and an amount, or neither."))
        return cleaned

    def parts(self) -> Iterator[SuspensePart]:
        """Give what was filled in."""
        for n in range(1, PLACES + 1):
            if number := self.cleaned_data[f"account_{n}"]:
                yield SuspensePart(account_number=number, amount_minor=self.cleaned_data[f"amount_{n}"])


class ReversePaymentForm(forms.Form):
    """Why a payment is taken back."""

    kind = forms.ChoiceField(label=_("What happened"), choices=PaymentReversal.Kind.choices)
    reason = forms.CharField(label=_("Reason"), max_length=300)
    charge = AmountField(
        label=_("Charge of the bank"), required=False, help_text=_("What the bank took for it: the account owes it.")
    )


class ReallocateForm(forms.Form):
    """For which bills a payment is used, and why."""

    bills = forms.TypedMultipleChoiceField(label=_("Bills"), coerce=int, widget=forms.CheckboxSelectMultiple)
    reason = forms.CharField(label=_("Reason"), max_length=300)

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer the bills that the page found."""
        bills = (options.get("initial") or {}).get("open_bills", [])
        super().__init__(*args, **options)
        self.fields["bills"].choices = bills  # type: ignore[attr-defined]


class SuspenseFilter(forms.Form):
    """Which money in suspense."""

    channel = forms.ChoiceField(
        label=_("Received through"),
        required=False,
        choices=[("", _("all")), *(one for one in CHANNELS if one[0] not in {"SUSPENSE", "DEPOSIT"})],
    )
    days = CountField(label=_("Waiting for at least so many days"), required=False, initial=None)
    account_number = forms.CharField(label=_("Account as the payer wrote it"), required=False, max_length=32)
