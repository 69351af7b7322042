"""Forms of limits and of rules against fraud."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing_site.web.forms import AmountField
from billing_site.web.states import state_choices
from rating.models import FraudHit, FraudRule
from subscribers.queries.words import CATEGORIES
from tariffs.models import UsageCategory, Zone

LINE_KINDS = [
    ("FIXED", _("Fixed line")),
    ("MOBILE", _("Mobile")),
    ("INTERNET", _("Internet")),
    ("OTHER", _("Other services")),
]


class LimitForm(forms.Form):
    """
    What an account or a line may use in a bill period.

    ``initial["lines"]`` are the lines to choose from, ``initial["kinds"]`` who may set it.
    """

    line = forms.ChoiceField(label=_("For"), required=False)
    kind = forms.ChoiceField(label=_("Set by"))
    amount = AmountField(
        label=_("Limit in a bill period"), required=False, help_text=_("Empty: the limit is taken away.")
    )
    reason = forms.CharField(label=_("Reason"), max_length=300, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the lines of the account and what the person may set."""
        super().__init__(*args, **kwargs)
        _choose(self, "line", [("", _("the whole account")), *self.initial.get("lines", ())])
        _choose(self, "kind", self.initial.get("kinds", ()))


class LiftForm(forms.Form):
    """Up to what a limit is lifted once; ``initial["lines"]`` are the lines to choose from."""

    line = forms.ChoiceField(label=_("For"), required=False)
    amount = AmountField(label=_("Limit until the bill period ends"))
    reason = forms.CharField(label=_("Reason"), max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the lines of the account."""
        super().__init__(*args, **kwargs)
        _choose(self, "line", [("", _("the whole account")), *self.initial.get("lines", ())])


class DefaultLimitForm(forms.Form):
    """The operator's limit of a customer category."""

    category = forms.ChoiceField(label=_("Customer category"), choices=list(CATEGORIES.items()))
    amount = AmountField(
        label=_("Limit in a bill period"), required=False, help_text=_("Empty: the limit is taken away.")
    )


class FraudRuleForm(forms.Form):
    """A rule against fraud: what is counted, how much is too much, of whom, and what then happens."""

    code = forms.SlugField(label=_("Code"), max_length=32, widget=forms.TextInput(attrs={"dir": "ltr"}))
    name = forms.CharField(label=_("Name"), max_length=100)
    kind = forms.ChoiceField(label=_("What is counted"), choices=FraudRule.Kind.choices)
    amount = AmountField(label=_("More than this money"), required=False, help_text=_("For money in any hour."))
    count = forms.IntegerField(
        label=_("More than so many calls"), required=False, min_value=0, help_text=_("For the other kinds.")
    )
    zone = forms.ModelChoiceField(Zone.objects.order_by("code"), label=_("Zone"), required=False, empty_label=_("none"))
    usage_category = forms.ModelChoiceField(
        UsageCategory.objects.order_by("code"), label=_("Usage category"), required=False, empty_label=_("none")
    )
    account_category = forms.ChoiceField(
        label=_("Customer category"), required=False, choices=[("", _("all")), *CATEGORIES.items()]
    )
    line_kind = forms.ChoiceField(label=_("Kind of line"), required=False, choices=[("", _("all")), *LINE_KINDS])
    effect = forms.ChoiceField(label=_("What follows"), choices=FraudRule.Effect.choices)
    is_active = forms.BooleanField(label=_("In force"), required=False, initial=True)

    def clean(self) -> dict[str, Any]:
        """Want the figure of the kind, and a destination where calls to one are counted."""
        given: dict[str, Any] = super().clean() or {}
        is_money = given.get("kind") == FraudRule.Kind.SUM_PER_HOUR
        needed = "amount" if is_money else "count"
        if given.get("kind") and given.get(needed) is None and needed not in self.errors:
            self.add_error(needed, _("This figure is needed."))
        has_place = bool(given.get("zone")) + bool(given.get("usage_category"))
        if given.get("kind") == FraudRule.Kind.CALLS_TO_ZONE and has_place != 1:
            self.add_error("zone", _("Choose a zone or a usage category."))
        return given


class HitFilter(forms.Form):
    """Which hits of the fraud rules."""

    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("all")), *state_choices(FraudHit.State.values)]
    )
    rule = forms.ModelChoiceField(
        FraudRule.objects.order_by("code"), label=_("Rule"), required=False, empty_label=_("all")
    )


class DismissForm(forms.Form):
    """Why a hit is no fraud, and whether the line is freed."""

    reason = forms.CharField(label=_("Reason"), max_length=300)
    restores = forms.BooleanField(label=_("Free the line if it is barred for fraud"), required=False, initial=True)


def _choose(form: forms.Form, name: str, choices: Sequence[tuple[Any, Any]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = list(choices)
