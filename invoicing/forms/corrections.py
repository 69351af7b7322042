"""What a person fills in to dispute bills and to take them back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from billing_site.core.digits import clean_number_input
from billing_site.identity.models import ServiceCentre
from billing_site.web.forms import AmountField, DayField, NamedChoice
from billing_site.web.states import state_choices
from invoicing.models import CreditNote, CreditReason, Dispute, HeldUsageDecision, Letter
from invoicing.operations.disputes import DisputeOf, RecordKey
from invoicing.operations.letters import NewLetter
from invoicing.queries.credit_notes import offered_reasons


class DisputeFilter(forms.Form):
    """Which disputes to list."""

    number = forms.CharField(
        label=_("Dispute number"), required=False, max_length=32, widget=forms.TextInput(attrs={"dir": "ltr"})
    )
    account = forms.CharField(
        label=_("Account"), required=False, max_length=16, widget=forms.TextInput(attrs={"dir": "ltr", "size": "12"})
    )
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("all")), *state_choices(Dispute.State.values)]
    )
    channel = forms.ChoiceField(
        label=_("Way it came"), required=False, choices=[("", _("all")), *Dispute.Channel.choices]
    )
    invoice = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean_account(self) -> str:
        """Take digits of any script."""
        return clean_number_input(self.cleaned_data["account"])

    def clean_number(self) -> str:
        """Take small letters too."""
        number: str = self.cleaned_data["number"]
        return number.strip().upper()


class OpenDisputeForm(forms.Form):
    """How a dispute came, what is wrong, and the subscriber's words."""

    channel = forms.ChoiceField(
        label=_("Way it came"),
        choices=[one for one in Dispute.Channel.choices if one[0] != Dispute.Channel.PORTAL],
    )
    reason = forms.ChoiceField(label=_("What is wrong"), choices=Dispute.Reason.choices)
    text = forms.CharField(
        label=_("In the subscriber's words"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": "4", "dir": "auto"}),
    )

    def wishes(self) -> list[DisputeOf]:
        """Return what is disputed; nothing means the whole bill."""
        raise NotImplementedError


class DisputeBillForm(OpenDisputeForm):
    """Lines of a bill, or all of it; ``initial`` brings the lines as choices."""

    is_whole = forms.BooleanField(label=_("The whole bill"), required=False)
    lines = forms.TypedMultipleChoiceField(
        label=_("Or these lines"), required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )
    field_order = ("is_whole", "lines", "channel", "reason", "text")

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer the lines of the bill."""
        super().__init__(*args, **options)
        fields: Any = self.fields
        fields["lines"].choices = self.initial["line_choices"]

    def clean(self) -> dict[str, Any]:
        """Take the whole bill or some lines of it."""
        values = super().clean() or self.cleaned_data
        if bool(values.get("is_whole")) == bool(values.get("lines")):
            raise ValidationError(_("Choose the whole bill, or the lines that are disputed."))
        return values

    def wishes(self) -> list[DisputeOf]:
        """Return the lines."""
        return [DisputeOf(n=n) for n in self.cleaned_data["lines"]]


class DisputeLineForm(OpenDisputeForm):
    """One line: all of it, an amount of it, or calls behind it; ``initial`` brings the calls as choices."""

    n = forms.IntegerField(widget=forms.HiddenInput)
    amount = AmountField(
        label=_("Only this amount, tax included"), required=False, help_text=_("Empty: the whole line.")
    )
    records = forms.MultipleChoiceField(
        label=_("Or only these calls"), required=False, widget=forms.CheckboxSelectMultiple
    )
    field_order = ("n", "amount", "records", "channel", "reason", "text")

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer the calls of the line, where it has any."""
        super().__init__(*args, **options)
        fields: Any = self.fields
        fields["records"].choices = self.initial["record_choices"]
        if not self.initial["record_choices"]:
            del fields["records"]

    def wishes(self) -> list[DisputeOf]:
        """Return the line with what is meant of it."""
        keys = [one.rpartition("/") for one in self.cleaned_data.get("records") or ()]
        records = [RecordKey(start_at=datetime.fromisoformat(at), duplicate_key=int(key)) for at, _sign, key in keys]
        amount = None if records else self.cleaned_data["amount"]
        return [DisputeOf(n=self.cleaned_data["n"], amount_minor=amount, records=records)]


class AnswerDisputeForm(forms.Form):
    """What is accepted of each line, the answer, and the day by which the rest is due; ``initial`` brings the lines."""

    ACCEPT, PART, REFUSE = "ACCEPT", "PART", "REFUSE"
    outcome = forms.ChoiceField(
        label=_("Answer"),
        choices=[(ACCEPT, _("Accept all")), (PART, _("Accept a part")), (REFUSE, _("Refuse"))],
        widget=forms.RadioSelect,
    )
    text = forms.CharField(
        label=_("What the subscriber reads"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": "4", "dir": "auto"}),
    )
    new_due_on = DayField(label=_("What is not accepted is due on"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        """Ask for an amount of every line."""
        super().__init__(*args, **options)
        for n, label, disputed_minor in self.initial["lines"]:
            self.fields[f"accepted_{n}"] = AmountField(
                label=label,
                required=False,
                allow_negative=disputed_minor < 0,
                help_text=_("Of a part: how much of it."),
            )
        self.order_fields(["outcome", *[name for name in self.fields if name.startswith("accepted_")], "text"])

    def accepted(self) -> Mapping[int, int]:
        """Return the minor units accepted by number of the line."""
        if self.cleaned_data["outcome"] == self.REFUSE:
            return {}
        if self.cleaned_data["outcome"] == self.ACCEPT:
            return {n: disputed_minor for n, _label, disputed_minor in self.initial["lines"]}
        typed = {n: self.cleaned_data[f"accepted_{n}"] for n, _label, _disputed in self.initial["lines"]}
        return {n: amount for n, amount in typed.items() if amount}


class TakeBackForm(forms.Form):
    """Why a bill is taken back, and the letter that asks for it."""

    reason = NamedChoice(queryset=CreditReason.objects.none(), label=_("Reason"))
    sender = forms.ChoiceField(label=_("The letter is from"), choices=Letter.Sender.choices)
    centre = NamedChoice(
        queryset=ServiceCentre.objects.order_by("code"),
        label=_("Which service centre"),
        required=False,
        help_text=_("For a letter of a service centre."),
    )
    letter_number = forms.CharField(label=_("Number of the letter"), max_length=64)
    dated_on = DayField(label=_("Day of the letter"))
    note = forms.CharField(label=_("What was wrong"), max_length=300, required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer the reasons of today."""
        super().__init__(*args, **options)
        fields: Any = self.fields
        fields["reason"].queryset = offered_reasons()

    def clean(self) -> dict[str, Any]:
        """Want the centre of a centre's letter."""
        values = super().clean() or self.cleaned_data
        if values.get("sender") == Letter.Sender.SERVICE_CENTRE and not values.get("centre"):
            self.add_error("centre", _("Name the service centre that wrote the letter."))
        return values

    def letter(self) -> NewLetter:
        """Return the letter."""
        values = self.cleaned_data
        return NewLetter(
            sender=values["sender"],
            number=values["letter_number"],
            dated_on=values["dated_on"],
            centre_id=values["centre"].pk if values["centre"] else None,
        )


class CreditLinesForm(TakeBackForm):
    """How much of each line is taken back; ``initial`` brings the lines."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """Ask for an amount of every line of which something is left."""
        super().__init__(*args, **options)
        for n, label, left_minor in self.initial["lines"]:
            self.fields[f"part_{n}"] = AmountField(label=label, required=False, allow_negative=left_minor < 0)
        self.order_fields([name for name in self.fields if name.startswith("part_")])

    def parts(self) -> Mapping[int, int]:
        """Return the minor units taken back by number of the line."""
        typed = {n: self.cleaned_data[f"part_{n}"] for n, _label, _left in self.initial["lines"]}
        return {n: amount for n, amount in typed.items() if amount}


class CreditNoteFilter(forms.Form):
    """Which credit notes to list."""

    number = forms.CharField(
        label=_("Number"), required=False, max_length=32, widget=forms.TextInput(attrs={"dir": "ltr"})
    )
    account = forms.CharField(
        label=_("Account"), required=False, max_length=16, widget=forms.TextInput(attrs={"dir": "ltr", "size": "12"})
    )
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("all")), *state_choices(CreditNote.State.values)]
    )
    reason = NamedChoice(
        queryset=CreditReason.objects.order_by("position", "code"),
        label=_("Reason"),
        required=False,
        empty_label=_("all"),
    )
    issued_from = DayField(label=_("Issued from"), required=False)
    issued_to = DayField(label=_("Issued to"), required=False)
    invoice = forms.IntegerField(required=False, widget=forms.HiddenInput)
    letter = forms.IntegerField(required=False, widget=forms.HiddenInput)

    clean_account = DisputeFilter.clean_account
    clean_number = DisputeFilter.clean_number


class HeldUsageFilter(forms.Form):
    """Whose held usage to list."""

    account = forms.CharField(
        label=_("Account"), required=False, max_length=16, widget=forms.TextInput(attrs={"dir": "ltr", "size": "12"})
    )

    clean_account = DisputeFilter.clean_account


class HeldDecisionFilter(forms.Form):
    """Which decisions about held usage to list."""

    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("all")), *state_choices(HeldUsageDecision.State.values)]
    )


class ProposeHeldWriteOffForm(forms.Form):
    """Why held usage is given up."""

    reason = forms.CharField(label=_("Reason"), max_length=300)


class WithdrawDisputeForm(forms.Form):
    """How the subscriber took the dispute back."""

    text = forms.CharField(
        label=_("In the subscriber's words"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": "4", "dir": "auto"}),
    )


class LetterFilter(forms.Form):
    """Which letters to list."""

    sender = forms.ChoiceField(label=_("Sender"), required=False, choices=[("", _("all")), *Letter.Sender.choices])
    centre = NamedChoice(
        queryset=ServiceCentre.objects.order_by("code"), label=_("Service centre"), required=False, empty_label=_("all")
    )
    number = forms.CharField(
        label=_("Number of the letter"), required=False, max_length=64, widget=forms.TextInput(attrs={"dir": "ltr"})
    )
