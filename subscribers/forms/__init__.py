"""Forms of the pages about subscribers, numbers, what is agreed, restrictions and notices."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from billing_site.web.forms import CodeAndNames, DayField, ModelChoiceField, NamedChoice
from billing_site.web.states import state_choices
from subscribers.models import Notice, NumberAssignment, NumberRange, Subscription, SubscriptionRestriction
from subscribers.operations.accounts import CYCLE_LENGTHS
from subscribers.queries.agreements import lines_not_ended, terms_for_account
from tariffs.models import ContractTerm, Promotion
from tariffs.queries.promotions import promotions_to_agree

CYCLE_CODE_LENGTH = 16
USES = {
    NumberRange.Use.FIXED.value: _("Fixed lines"),
    NumberRange.Use.MOBILE.value: _("Mobile"),
    NumberRange.Use.SERVICE.value: _("Service numbers"),
    NumberRange.Use.TEST.value: _("Test traffic"),
}
# A bar for the limit comes and goes with the limit alone.
BY_HAND = [choice for choice in SubscriptionRestriction.Cause.choices if choice[0] != "LIMIT"]


class RangeFilter(forms.Form):
    """Which ranges."""

    use = forms.ChoiceField(label=_("Use"), required=False, choices=[("", _("all")), *USES.items()])


class LineField(ModelChoiceField):
    """One of an account's lines, by its number."""

    def label_from_instance(self, row: Any) -> str:
        """Return the number, or the kind of service of a line without one."""
        held = NumberAssignment.objects.filter(subscription=row).order_by("-during").first()
        return held.number if held else str(row)


class AgreePromotionForm(forms.Form):
    """A promotion, for one line or for all, from a day on; ``initial`` names the account and the day."""

    promotion = NamedChoice(queryset=Promotion.objects.none(), label=_("Promotion"))
    line = LineField(
        queryset=Subscription.objects.none(),
        label=pgettext_lazy("of a subscriber", "Line"),
        required=False,
        empty_label=_("All lines of the account"),
    )
    from_on = DayField(label=_("Valid from"))

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer what may be agreed today, and the account's lines."""
        super().__init__(*args, **options)
        fields: Any = self.fields
        fields["promotion"].queryset = promotions_to_agree(on=self.initial["agreed_on"])
        fields["line"].queryset = lines_not_ended(account_id=self.initial["account_id"])


class UntilForm(forms.Form):
    """The first day without it."""

    until_on = DayField(label=_("First day without it"))


class BeginContractForm(forms.Form):
    """A line, a term and the first day; ``initial`` names the account."""

    line = LineField(queryset=Subscription.objects.none(), label=pgettext_lazy("of a subscriber", "Line"))
    term = NamedChoice(queryset=ContractTerm.objects.none(), label=_("Contract term"))
    started_on = DayField(label=_("First day"))

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer the account's lines, and the terms of the plans that they have."""
        super().__init__(*args, **options)
        fields: Any = self.fields
        fields["line"].queryset = lines_not_ended(account_id=self.initial["account_id"])
        fields["term"].queryset = terms_for_account(account_id=self.initial["account_id"])


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=_("Reason"), max_length=300)


class SuspendForm(forms.Form):
    """From when on a line has no service, and why."""

    on = DayField(label=_("First day without service"))
    reason = forms.CharField(label=_("Reason"), max_length=300)


class ResumeForm(forms.Form):
    """From when on a line has service again."""

    on = DayField(label=_("First day with service"))


class BillCycleForm(CodeAndNames):
    """On which day of the month, for how many months, and from when on."""

    bill_day = forms.IntegerField(label=_("Bill day"), min_value=1, max_value=31, initial=1)
    months = forms.ChoiceField(label=_("Months of a bill"), choices=[(n, n) for n in CYCLE_LENGTHS])
    open_from = DayField(label=_("First day of the first bill"))

    def clean_code(self) -> str:
        """Keep to what a cycle's code can hold."""
        code: str = self.cleaned_data["code"]
        if len(code) > CYCLE_CODE_LENGTH:
            raise ValidationError(_("The code of a cycle has at most 16 characters."))
        return code


class RestrictForm(forms.Form):
    """For what cause, and why."""

    cause = forms.ChoiceField(label=_("Cause"), choices=BY_HAND)
    reason = forms.CharField(label=_("Reason"), max_length=300)


class RestoreForm(RestrictForm):
    """Which of the causes that hold has ended; ``initial["causes"]`` are those."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the causes that hold."""
        super().__init__(*args, **kwargs)
        holding = self.initial.get("causes", ())
        self.fields["cause"] = forms.ChoiceField(
            label=_("Cause that has ended"), choices=[one for one in BY_HAND if one[0] in holding]
        )


class NoticeFilter(forms.Form):
    """Which notices."""

    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("all")), *state_choices(Notice.State.values)]
    )
    channel = forms.ChoiceField(label=_("Way"), required=False, choices=[("", _("all")), *Notice.Channel.choices])
