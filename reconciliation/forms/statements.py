"""Forms of bank accounts, statements and the matching of their lines."""

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy as _

from billing_site.core.digits import to_ascii_digits
from billing_site.identity.models import User
from billing_site.web.forms import AmountField, DayField, ModelChoiceField
from invoicing.models import Invoice
from payments.operations.suspense import SuspensePart
from reconciliation.domain.statement_formats.reading import ENCODINGS
from reconciliation.models import BankAccount, Statement, StatementLine

STATEMENT_STATES = [
    ("HELD", _("Held")),
    ("ACCEPTED", _("Being booked")),
    ("BOOKED", _("Booked")),
    ("DISCARDED", _("Thrown away")),
]
LINE_STATES = [
    ("MATCHED", _("Matched")),
    ("SUSPENSE", _("In suspense")),
    ("DUPLICATE", _("Duplicate")),
    ("NOT_A_RECEIPT", _("No receipt")),
    ("WAITING", _("Not booked yet")),
]
LINE_KINDS = [
    ("RECEIPT", _("Receipt")),
    ("RETURN", _("Return of a receipt")),
    ("CHARGE", _("Charge of the bank")),
    ("TRANSFER", _("Payment or transfer of ours")),
    ("OWN_RETURN", _("Payment of ours that came back")),
    ("NOTE", _("Note without an amount")),
]
FORMAT_WORDS = {
    "MT940": "MT940",
    "CAMT": "camt.053, camt.054",
    "ONE_C": _("1C exchange file"),
    "COLUMNS": _("Table by column map"),
}
GROUPS = [
    ("LIKELY", _("Likely")),
    ("SEVERAL", _("Several possible")),
    ("NONE", _("Nobody found")),
    ("PARKED", _("Put aside")),
    ("ASKED", _("I was asked")),
]
PARTS = 3

assert FORMAT_WORDS.keys() == set(BankAccount.Format.values), "every form has its words"
assert {code for code, _label in STATEMENT_STATES} == set(Statement.State.values), "every state has its word"
assert {code for code, _label in LINE_STATES} == set(StatementLine.State.values), "every state has its word"
assert {code for code, _label in LINE_KINDS} == set(StatementLine.Kind.values), "every kind has its word"


def _all_and(choices: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    return [("", _("all")), *choices]


class StatementFilter(forms.Form):
    """Which statements to list."""

    bank = forms.ModelChoiceField(
        label=_("Bank account"), required=False, empty_label=_("all"), queryset=BankAccount.objects.order_by("name")
    )
    state = forms.ChoiceField(label=_("State"), required=False, choices=_all_and(STATEMENT_STATES))
    first = DayField(label=_("Loaded from"), required=False)
    last = DayField(label=_("Loaded to"), required=False)


class LineFilter(forms.Form):
    """Which lines of a statement to list."""

    state = forms.ChoiceField(label=_("State"), required=False, choices=_all_and(LINE_STATES))
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=_all_and(LINE_KINDS))


class OpenLineFilter(forms.Form):
    """Which lines that wait to list."""

    group = forms.ChoiceField(label=_("Group"), required=False, choices=_all_and(GROUPS))
    bank = forms.ModelChoiceField(
        label=_("Bank account"), required=False, empty_label=_("all"), queryset=BankAccount.objects.order_by("name")
    )


class StatementForm(forms.Form):
    """A file as the bank sent it."""

    bank = forms.ModelChoiceField(
        label=_("Bank account"),
        queryset=BankAccount.objects.filter(is_active=True).order_by("name"),
        to_field_name="code",
    )
    statement = forms.FileField(
        label=_("Statement"),
        allow_empty_file=True,
        help_text=_("The file as the bank sent it; it is kept as it came."),
    )


class ReasonForm(forms.Form):
    """Why somebody decides so."""

    reason = forms.CharField(
        label=_("Why"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Name the letter, the call or the person: whoever reads this next year was not here."),
    )


class ParkForm(forms.Form):
    """What a line waits for."""

    note = forms.CharField(label=_("What it waits for"), max_length=300, required=False)


class QuestionForm(forms.Form):
    """Whom to ask, and what."""

    colleague = ModelChoiceField(
        label=_("Colleague"), queryset=User.objects.filter(is_active=True).order_by("full_name", "pk")
    )
    question = forms.CharField(label=_("Question"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


class DismissalForm(forms.Form):
    """What a line is, if no subscriber paid with it."""

    kind = forms.ChoiceField(
        label=_("What it is"), choices=[one for one in LINE_KINDS if one[0] in {"TRANSFER", "OWN_RETURN", "CHARGE"}]
    )
    note = forms.CharField(label=_("How that is known"), max_length=300)


class ReturnForm(forms.Form):
    """Which payment the bank took back."""

    payment = forms.IntegerField(
        label=_("Number of the payment"), min_value=1, widget=forms.TextInput(attrs={"dir": "ltr", "size": "12"})
    )


class MatchForm(forms.Form):
    """To whom a line is given: up to three accounts with their amounts, each perhaps for one bill."""

    account_1 = forms.CharField(label=_("Account"), max_length=32, widget=forms.TextInput(attrs={"dir": "ltr"}))
    amount_1 = AmountField(label=_("Amount"))
    bill_1 = forms.CharField(
        label=_("For the bill"), max_length=32, required=False, widget=forms.TextInput(attrs={"dir": "ltr"})
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        """Add the further rows, which may stay empty."""
        super().__init__(*args, **options)
        for n in range(2, PARTS + 1):
            for name in ("account", "amount", "bill"):
                first = self.fields[f"{name}_1"]
                self.fields[f"{name}_{n}"] = type(first)(label=first.label, required=False, widget=first.widget)

    def rows(self) -> list[tuple[Any, Any, Any]]:
        """Return the rows of fields."""
        return [(self[f"account_{n}"], self[f"amount_{n}"], self[f"bill_{n}"]) for n in range(1, PARTS + 1)]

    def clean(self) -> dict[str, Any]:
        """Read the rows; an account given twice gets both amounts."""
        cleaned: dict[str, Any] = super().clean() or {}
        amounts: dict[str, int] = {}
        bills: dict[str, dict[int, int]] = {}
        for n in range(1, PARTS + 1):
            number = to_ascii_digits(cleaned.get(f"account_{n}") or "").replace(" ", "")
            minor, bill = cleaned.get(f"amount_{n}"), (cleaned.get(f"bill_{n}") or "").strip()
            if not number and minor is None and not bill:
                continue
            if not number or minor is None:
                if not self.has_error(f"account_{n}") and not self.has_error(f"amount_{n}"):
                    self.add_error(f"account_{n}", gettext("Give an account and an amount, or leave the row empty."))
                continue
            amounts[number] = amounts.get(number, 0) + minor
            if bill:
                self._add_bill(bills.setdefault(number, {}), bill, minor, n=n, number=number)
        cleaned["parts"] = [
            SuspensePart(account_number=number, amount_minor=minor, for_invoices=bills.get(number, {}))
            for number, minor in amounts.items()
        ]
        return cleaned

    def _add_bill(self, bills: dict[int, int], bill: str, minor: int, *, n: int, number: str) -> None:
        found = Invoice.objects.filter(number__iexact=bill, state=Invoice.State.POSTED).first()
        if found is None:
            self.add_error(f"bill_{n}", gettext("There is no such bill."))
        else:
            bills[found.pk] = bills.get(found.pk, 0) + minor


class ChangeBankAccountForm(forms.Form):
    """How an account's statements are read."""

    name = forms.CharField(label=_("Name"), max_length=100)
    encoding = forms.ChoiceField(label=_("Alphabet"), choices=[(one, one) for one in ENCODINGS])
    charge_rule = forms.ChoiceField(
        label=_("What the bank keeps of a receipt"),
        choices=[
            ("NET", _("The payer has paid what came in.")),
            ("GROSS", _("The payer has paid all; it is our cost.")),
        ],
    )
    column_map = forms.CharField(
        label=_("Column map"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6, "dir": "ltr"}),
        help_text=_("For a table of the bank's own only: which column holds what, as JSON."),
    )
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)

    def clean_column_map(self) -> Mapping[str, Any]:
        """Return the map, or nothing."""
        text = self.cleaned_data["column_map"].strip()
        try:
            plain = json.loads(text) if text else {}
        except ValueError as error:
            raise forms.ValidationError(gettext("This is no JSON.")) from error
        if not isinstance(plain, dict):
            raise forms.ValidationError(gettext("This is no JSON."))
        return plain


class BankAccountForm(ChangeBankAccountForm):
    """A new bank account of ours."""

    code = forms.RegexField(r"^[A-Z0-9]{2,16}$", label=_("Code"), help_text=_("Capital letters and digits."))
    bank_name = forms.CharField(label=_("Bank"), max_length=100)
    number = forms.CharField(
        label=_("Account number"), max_length=34, help_text=_("As the bank writes it in its statements.")
    )
    format = forms.ChoiceField(
        label=_("Form of its statements"),
        choices=list(FORMAT_WORDS.items()),
    )
    field_order = (
        "code",
        "name",
        "bank_name",
        "number",
        "format",
        "encoding",
        "charge_rule",
        "column_map",
        "is_active",
    )
