"""Forms of refunds, deposits, instalment plans and commission."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing_site.core.digits import to_ascii_digits
from billing_site.web.forms import AmountField, CountField, DayField, PriceField
from billing_site.web.states import state_choices
from payments.domain.instalments import LEAST_PARTS, MOST_PARTS
from payments.models import InstalmentPlan, Refund
from payments.queries.commissions import agents


class StateFilter(forms.Form):
    """Which, by state."""

    states: tuple[str, ...] = ()
    state = forms.ChoiceField(label=_("State"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        """Name the states as they are named when the page is shown."""
        super().__init__(*args, **options)
        self.fields["state"].choices = [("", _("all")), *state_choices(self.states)]  # type: ignore[attr-defined]


class RefundFilter(StateFilter):
    """Which refunds."""

    states = tuple(Refund.State.values)
    account_number = forms.CharField(label=_("Account"), required=False, max_length=16)


class PlanFilter(StateFilter):
    """Which plans."""

    states = tuple(InstalmentPlan.State.values)


class DepositFilter(forms.Form):
    """Which deposits."""

    account_number = forms.CharField(label=_("Account"), required=False, max_length=16)


LEFT_KINDS = (
    ("CREDIT", _("In its favour in the books")),
    ("CARRIED", _("Paid for others, or given back of it; without tax")),
    ("CHARGE", _("Charge that was entered; without tax")),
    ("CORRECTION", _("Correction of usage billed before; without tax")),
    ("FREED", _("On a bill that was taken back; without tax")),
    ("HELD", _("Usage after the final bill; without tax")),
)


class LeftMoneyFilter(forms.Form):
    """Whose money, and of which kind."""

    account_number = forms.CharField(label=_("Account"), required=False, max_length=16)
    kind = forms.ChoiceField(label=_("What waits"), required=False, choices=[("", _("all")), *LEFT_KINDS])


class RefundForm(forms.Form):
    """What goes back, to whom, why."""

    amount = AmountField(label=_("Amount"))
    way = forms.ChoiceField(
        label=_("How the money goes back"),
        choices=[choice for choice in Refund.Way.choices if choice[0] != Refund.Way.ONLINE],
    )
    payee = forms.CharField(label=_("Who gets the money"), max_length=100)
    bank_account = forms.CharField(
        label=_("Bank account"),
        required=False,
        max_length=42,
        help_text=_("Only for a bank. Afterwards its last four are shown, and the whole to who pays."),
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off"}),
    )
    reason = forms.CharField(label=_("Reason"), max_length=300)

    def clean_bank_account(self) -> str:
        """Return it without spaces, capital, in ASCII digits."""
        return "".join(to_ascii_digits(self.cleaned_data["bank_account"]).split()).upper()

    def clean(self) -> dict[str, Any]:
        """Want an account for a bank, and none for cash."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors and bool(cleaned["bank_account"]) != (cleaned["way"] == Refund.Way.BANK):
            self.add_error("bank_account", _("A bank pays to a bank account; cash needs none."))
        return cleaned


class OnlineRefundForm(forms.Form):
    """How much of an online payment goes back, and why."""

    amount = AmountField(label=_("Amount"))
    reason = forms.CharField(label=_("Reason"), max_length=300)


class ClearingField(forms.TypedChoiceField):
    """An account of the books for money on its way: a till, a bank, a terminal network."""

    def __init__(self, **options: Any) -> None:
        """Ask for the accounts when the form is shown."""
        super().__init__(coerce=int, choices=lambda: sorted(agents().items(), key=lambda one: one[1]), **options)


class PayRefundForm(forms.Form):
    """Where the money left from."""

    clearing = ClearingField(label=_("Paid from"))


class DepositForm(forms.Form):
    """A deposit as it is taken."""

    amount = AmountField(label=_("Amount"))
    key = forms.CharField(label=_("Number of the paper"), max_length=100, help_text=_("Takes money once."))
    clearing = ClearingField(label=_("Received at"))
    reason = forms.CharField(label=_("What it secures"), max_length=300)


class UseDepositForm(forms.Form):
    """How much of a deposit pays debts."""

    amount = AmountField(label=_("Amount"))


class PlanForm(forms.Form):
    """Which bills, in how many parts, from which day."""

    bills = forms.TypedMultipleChoiceField(label=_("Bills"), coerce=int, widget=forms.CheckboxSelectMultiple)
    count = CountField(label=_("Parts, one a month"), initial=3, min_value=LEAST_PARTS, max_value=MOST_PARTS)
    first_due_on = DayField(label=_("The first part is due on"))
    agreed_with = forms.CharField(label=_("Who agreed"), max_length=100)

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer the bills that the page found open."""
        bills = (options.get("initial") or {}).get("open_bills", [])
        super().__init__(*args, **options)
        self.fields["bills"].choices = bills  # type: ignore[attr-defined]
        self.fields["bills"].initial = [pk for pk, _label in bills]


class RateForm(forms.Form):
    """An agent's rate from a day on."""

    agent = ClearingField(label=_("Agent's account of the books"))
    name = forms.CharField(label=_("Agent's name"), max_length=100)
    percent = PriceField(label=_("Percent of received less taken back"), places=3)
    valid_from = DayField(label=_("Valid from"))


class EndRateForm(forms.Form):
    """The last day of a rate."""

    last_on = DayField(label=_("Last day"))


class MonthFilter(forms.Form):
    """Which month: any day of it."""

    month = DayField(label=_("Month of this day"), required=False)
