"""What a person fills in to start a bill run, to find bills, and to charge something once."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from billing_site.core.digits import clean_number_input
from billing_site.identity.models import Department
from billing_site.web.forms import AmountField, CountField, DayField, NamedChoice, NamedChoices, PriceField
from billing_site.web.states import state_choices
from invoicing.domain.run_rules import AccountRule, Segment, read_account_list
from invoicing.models import BillRun, Invoice
from invoicing.queries.charges import KINDS, STANDINGS
from subscribers.forms import LineField
from subscribers.models import BillCycle, Subscription
from subscribers.queries.agreements import lines_not_ended
from subscribers.queries.words import CATEGORIES
from tariffs.models import BillItem

REASON_LENGTH = 300
MAX_LIST_BYTES = 20_000_000
SEGMENTS = {
    Segment.PERSON.value: _("People"),
    Segment.COMPANY.value: _("Companies"),
    Segment.KEY.value: _("Key accounts"),
}


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


class RunRuleForm(forms.Form):
    """Which cycle, and whom of it: everybody, or a pilot by rule."""

    cycle = forms.ModelChoiceField(queryset=BillCycle.objects.order_by("code"), label=_("Cycle"), empty_label=None)
    departments = NamedChoices(
        queryset=Department.objects.order_by("code"),
        label=_("Pilot: departments"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    categories = forms.MultipleChoiceField(
        label=_("Pilot: customer categories"),
        required=False,
        choices=CATEGORIES.items(),
        widget=forms.CheckboxSelectMultiple,
    )
    segments = forms.MultipleChoiceField(
        label=_("Pilot: segments"), required=False, choices=SEGMENTS.items(), widget=forms.CheckboxSelectMultiple
    )
    accounts = forms.CharField(
        label=_("Pilot: account numbers"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "ltr"}),
        help_text=_("Pasted, with anything between them. Where nothing of a pilot is chosen, everybody is billed."),
    )
    account_file = forms.FileField(
        label=_("Pilot: a file of account numbers"), required=False, help_text=_("Text in UTF-8, or CSV.")
    )
    due_on = DayField(label=_("Due on"))

    def clean_account_file(self) -> str:
        """Read the file as text."""
        uploaded = self.cleaned_data["account_file"]
        if uploaded is None:
            return ""
        if uploaded.size > MAX_LIST_BYTES:
            raise forms.ValidationError(_("The file is too large for a list of accounts."))
        try:
            text: str = uploaded.read().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise forms.ValidationError(_("The file is not text in UTF-8.")) from error
        return text

    def rule(self) -> AccountRule:
        """Return whom the run is for."""
        values = self.cleaned_data
        listed = f"{values['accounts']}\n{values['account_file']}"
        return AccountRule(
            departments=tuple(department.code for department in values["departments"]),
            categories=tuple(values["categories"]),
            segments=tuple(values["segments"]),
            accounts=read_account_list(listed),
        )

    def kind(self) -> str:
        """Return whether it is a pilot or for everybody."""
        return BillRun.Kind.FULL if self.rule().is_empty else BillRun.Kind.PILOT


class StartBillRunForm(RunRuleForm):
    """Cycle and rule, days, what was checked, and the findings that the person goes past."""

    checked = forms.CharField(
        required=False,
        label=_("After a pilot: what was checked of it"),
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Also who was trained. Written into the run with your name: the step from pilot to everybody."),
    )
    overridden = forms.CharField(
        required=False,
        label=_("Findings to go past"),
        help_text=_("Codes, with spaces between. Your name is written beside each."),
    )
    reason = forms.CharField(required=False, label=_("Why they can be gone past"), max_length=500)

    def clean_overridden(self) -> list[str]:
        """Split into codes."""
        text: Any = self.cleaned_data["overridden"]
        return str(text or "").upper().split()


class DecisionForm(forms.Form):
    """Why an account that was set aside is billed."""

    reason = forms.CharField(label=_("Why"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class BillBoundForm(forms.Form):
    """What a bill of a customer category must look like to go on by itself."""

    parks_zero = forms.BooleanField(label=_("Set bills of nothing aside"), required=False)
    parks_negative = forms.BooleanField(label=_("Set bills that give money back aside"), required=False)
    times = CountField(
        label=_("Set bills aside over so many times the middle of the account's last six"),
        required=False,
        min_value=2,
        max_value=1000,
        initial=None,
        help_text=_("Empty: never."),
    )
    floor_minor = AmountField(label=_("Bills up to this amount are never unusually large"), required=False)


class DueFilter(forms.Form):
    """Days of issue."""

    first_on = DayField(label=_("Issued from"), required=False)
    last_on = DayField(label=_("Issued until"), required=False)


class ChargeFilter(forms.Form):
    """Which one-off charges to list."""

    account = forms.CharField(
        label=_("Account"), required=False, max_length=16, widget=forms.TextInput(attrs={"dir": "ltr", "size": "12"})
    )
    standing = forms.ChoiceField(label=_("State"), required=False)
    kind = forms.ChoiceField(label=_("What for"), required=False, choices=[("", _("all")), *KINDS.items()])
    first = DayField(label=_("From"), required=False)
    last = DayField(label=_("To"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        """Name the states as they are named when the page is shown."""
        super().__init__(*args, **options)
        fields: Any = self.fields
        fields["standing"].choices = [("", _("all")), *state_choices(STANDINGS)]

    def clean_account(self) -> str:
        """Take digits of any script."""
        return clean_number_input(self.cleaned_data["account"])


class AddChargeForm(forms.Form):
    """A charge of an account, of one of its lines if wanted; ``initial`` names the account."""

    bill_item = NamedChoice(queryset=BillItem.objects.order_by("position", "code"), label=_("Bill item"))
    kind = forms.ChoiceField(label=_("What for"), choices=list(KINDS.items()))
    line = LineField(
        queryset=Subscription.objects.none(),
        label=pgettext_lazy("of a subscriber", "Line"),
        required=False,
        empty_label=_("The whole account"),
    )
    price = PriceField(label=_("Price of one"))
    quantity = CountField(label=_("Quantity"), min_value=1)
    charged_on = DayField(label=_("Day"))
    note = forms.CharField(label=_("Note"), max_length=REASON_LENGTH, help_text=_("What the charge is for."))

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer the account's lines."""
        super().__init__(*args, **options)
        fields: Any = self.fields
        fields["line"].queryset = lines_not_ended(account_id=self.initial["account_id"])


class RelocateForm(forms.Form):
    """A line that moves; ``initial`` names the account."""

    line = LineField(queryset=Subscription.objects.none(), label=pgettext_lazy("of a subscriber", "Line"))
    address = forms.CharField(label=_("New address"), max_length=REASON_LENGTH)
    moved_on = DayField(label=_("Day"))
    bill_item = NamedChoice(queryset=BillItem.objects.order_by("position", "code"), label=_("Bill item"))
    fee = PriceField(label=_("Installation fee"), required=False, help_text=_("Charged once; empty for none."))

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer the account's lines."""
        super().__init__(*args, **options)
        fields: Any = self.fields
        fields["line"].queryset = lines_not_ended(account_id=self.initial["account_id"])


class WithdrawChargeForm(forms.Form):
    """Why a charge is taken back."""

    reason = forms.CharField(label=_("Reason"), max_length=REASON_LENGTH)


class ChargeSheetForm(forms.Form):
    """A sheet of charges."""

    sheet = forms.FileField(label=_("Sheet"), help_text=_("CSV in UTF-8, or .xlsx."))


class OldBillSheetForm(forms.Form):
    """A sheet of the old system's bills."""

    sheet = forms.FileField(label=_("Sheet"), help_text=_("CSV in UTF-8, or .xlsx."))


class OldBillFilter(forms.Form):
    """Which bills are shown."""

    which = forms.ChoiceField(
        label=_("Show"), required=False, choices=[("", _("what differs")), ("ALL", _("everything"))]
    )
