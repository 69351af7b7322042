"""Forms of the cases: whose they are, why they are there, what is done about them."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing_site.identity.models import ServiceCentre, User
from billing_site.web.forms import DayField, NamedChoice
from billing_site.web.states import state_choices
from invoicing.models import Letter
from invoicing.operations.letters import NewLetter
from payments.models import TerminalNetwork
from reconciliation.models import Discrepancy
from reconciliation.operations.discrepancies import Settlement

KINDS = {
    "ONLY_OURS": _("Only in our books"),
    "ONLY_THEIRS": _("Only in their register"),
    "AMOUNT_DIFFERS": _("The amounts differ"),
    "ACCOUNT_DIFFERS": _("The accounts differ"),
    "OTHER_DAY": _("On another day"),
    "DOUBLED": _("Twice in their register"),
}
ACT_WORDS = {
    "TAKE_IN": _("Take the money in, as the register has it"),
    "SUSPEND": _("Take the money in, and hold it in suspense until its owner is known"),
    "CANCEL": _("Take our payment back: the network has not taken the money"),
    "REPLACE": _("Take our payment back and take the money in as the register has it"),
    "ACCEPT": _("Leave everything as it is"),
}
# The same once it is done, in the list.
DONE_WORDS = {
    "TAKE_IN": _("Taken in"),
    "SUSPEND": _("Taken into suspense"),
    "CANCEL": _("Taken back"),
    "REPLACE": _("Replaced"),
    "ACCEPT": _("Left as it is"),
}
# Why a difference is there, of each kind what is usual.
CAUSES: Mapping[str, Mapping[str, Any]] = {
    "ONLY_OURS": {
        "NOT_TAKEN": _("The network has not taken this money."),
        "LATER": _("The network brings this payment in a later register."),
    },
    "ONLY_THEIRS": {"NOT_TOLD": _("The network took the money, and its message did not reach us.")},
    "AMOUNT_DIFFERS": {
        "THEIR_AMOUNT": _("The network's receipt has the amount of the register."),
        "OUR_AMOUNT": _("The network's receipt has our amount; its register is wrong."),
    },
    "ACCOUNT_DIFFERS": {
        "THEIR_ACCOUNT": _("The payer named the account of the register."),
        "OUR_ACCOUNT": _("The payer named our account; the register is wrong."),
    },
    "OTHER_DAY": {"MIDNIGHT": _("Paid around midnight: the network counts it on another day.")},
    "DOUBLED": {"LISTED_TWICE": _("The network listed one payment twice.")},
}

assert KINDS.keys() == CAUSES.keys(), "every kind has its usual reasons"
assert KINDS.keys() == set(Discrepancy.Kind.values), "every kind has its words"
assert ACT_WORDS.keys() == DONE_WORDS.keys() == set(Discrepancy.Act.values), "every act has its words"


def owners() -> "forms.ModelChoiceField[User]":
    """Return a choice among the staff who may own a case."""
    return forms.ModelChoiceField(
        label=_("Owner"), required=False, empty_label=_("all"), queryset=User.objects.order_by("full_name")
    )


class CaseFilter(forms.Form):
    """Which cases to list; those that wait for somebody when nothing is asked."""

    LIVE = "LIVE"

    state = forms.ChoiceField(label=_("State"), required=False, initial=LIVE)
    kind = forms.ChoiceField(label=_("Difference"), required=False, choices=[("", _("all")), *KINDS.items()])
    network = forms.ModelChoiceField(
        label=_("Network"), required=False, empty_label=_("all"), queryset=TerminalNetwork.objects.order_by("name")
    )
    owner = owners()
    sender = forms.ChoiceField(
        label=_("The letter is from"), required=False, choices=[("", _("all")), *Letter.Sender.choices]
    )
    first = DayField(label=_("From"), required=False)
    last = DayField(label=_("To"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer the states with their words."""
        super().__init__(*args, **options)
        states: Any = self.fields["state"]
        told = state_choices([value for value in Discrepancy.State.values if value != Discrepancy.State.GONE])
        states.choices = [("", _("all")), (self.LIVE, _("not settled")), *told]


class ExplanationForm(forms.Form):
    """Why a difference is there."""

    explanation = forms.CharField(
        label=_("Why it is so"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What you found out, and from whom. The difference still waits to be settled."),
    )


class OwnerForm(forms.Form):
    """Whose case it is; those who may settle it are offered."""

    owner = forms.ModelChoiceField(label=_("Owner"), queryset=User.objects.none())

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer who may settle a case."""
        super().__init__(*args, **options)
        owner: Any = self.fields["owner"]
        owner.queryset = User.objects.filter(is_active=True, role__in=self.initial["roles"]).order_by("full_name")


class DeclineForm(forms.Form):
    """Why a proposed correction does not pass."""

    reason = forms.CharField(label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


class ResolutionForm(forms.Form):
    """What is done about a difference, why, and the letter behind it; ``initial`` brings its kind and acts that fit."""

    act = forms.ChoiceField(label=_("What is done"), widget=forms.RadioSelect(attrs={"autofocus": True}))
    cause = forms.ChoiceField(label=_("Usual reason"), required=False)
    note = forms.CharField(
        label=_("Reason in your own words"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Whoever reads this next year was not here."),
    )
    account_number = forms.CharField(
        label=_("Account, if not that of the register"),
        max_length=32,
        required=False,
        widget=forms.TextInput(attrs={"dir": "ltr", "inputmode": "numeric"}),
    )
    sender = forms.ChoiceField(
        label=_("The letter is from"), required=False, choices=[("", _("no letter")), *Letter.Sender.choices]
    )
    centre = NamedChoice(
        queryset=ServiceCentre.objects.order_by("code"),
        label=_("Which service centre"),
        required=False,
        help_text=_("For a letter of a service centre."),
    )
    letter_number = forms.CharField(label=_("Number of the letter"), max_length=64, required=False)
    dated_on = DayField(label=_("Day of the letter"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer the acts that fit the kind, and its usual reasons; where there is one way, it is chosen."""
        super().__init__(*args, **options)
        act: Any = self.fields["act"]
        cause: Any = self.fields["cause"]
        self.causes = CAUSES[self.initial["kind"]]
        act.choices = [(code, ACT_WORDS[code]) for code in self.initial["acts"]]
        cause.choices = [("", _("none of these")), *self.causes.items()]
        if len(act.choices) == 1:
            act.initial = act.choices[0][0]
            cause.initial = next(iter(self.causes))

    def clean(self) -> dict[str, Any]:
        """Want a reason; and the whole letter, or none."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if not values.get("cause") and not values.get("note") and not {"cause", "note"} & self.errors.keys():
            self.add_error("note", _("Choose a usual reason, or write one."))
        if values.get("sender"):
            for name, sentence in LETTER_PARTS.items():
                if not values.get(name) and name not in self.errors:
                    self.add_error(name, sentence)
            if values["sender"] == Letter.Sender.SERVICE_CENTRE and not values.get("centre"):
                self.add_error("centre", _("Name the service centre that wrote the letter."))
        return values

    def settlement(self) -> Settlement:
        """Return what was chosen."""
        values = self.cleaned_data
        return Settlement(
            act=values["act"],
            note=" ".join(filter(None, (str(self.causes.get(values["cause"], "")), values["note"]))),
            account_number=values["account_number"].strip(),
            letter=_letter_of(values) if values["sender"] else None,
        )


LETTER_PARTS = {
    "letter_number": _("Write the number of the letter."),
    "dated_on": _("Write the day of the letter."),
}


def _letter_of(values: Mapping[str, Any]) -> NewLetter:
    return NewLetter(
        sender=values["sender"],
        number=values["letter_number"],
        dated_on=values["dated_on"],
        centre_id=values["centre"].pk if values["centre"] else None,
    )
