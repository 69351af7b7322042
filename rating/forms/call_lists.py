"""Forms of call lists, of the whole numbers, and of holds."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import get_language, gettext_lazy as _

from billing_site.core import clock
from billing_site.core.money import currency_digits, minor_to_micro
from billing_site.core.names import name_in
from billing_site.web.forms import AmountField, DayField, PhoneField
from rating.models import CallListOrder
from rating.queries.call_lists import LONGEST_DAYS, Criteria
from tariffs.models import UsageCategory, Zone

# What a list shows at first: about a month.
DAYS_AT_FIRST = 31


def first_day() -> date:
    """Return the first day of a list before somebody chooses one."""
    return clock.today() - timedelta(days=DAYS_AT_FIRST - 1)


class NamedChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # not subscriptable at run time
    """A choice of things with names in five languages, shown in the page's."""

    def label_from_instance(self, obj: Any) -> str:
        """Return the name."""
        return name_in(obj.names, get_language() or settings.LANGUAGE_CODE) or str(obj)


class PeriodForm(forms.Form):
    """Days from one to another, both included."""

    first = DayField(label=_("From"), initial=first_day)
    last = DayField(label=_("To"), initial=clock.today)

    def clean(self) -> dict[str, Any]:
        """The days are in order, and not too many."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        first, last = values.get("first"), values.get("last")
        if first and last and not first <= last < first + timedelta(days=LONGEST_DAYS):
            self.add_error("last", _("The last day is the first one or a later one, a year later at most."))
        return values


class CallListFilter(PeriodForm):
    """Which calls of a line or an account."""

    usage_category = NamedChoice(
        UsageCategory.objects.order_by("code"), label=_("Kind of use"), required=False, empty_label=_("all")
    )
    zone = NamedChoice(
        Zone.objects.filter(is_free=False).order_by("code"), label=_("Zone"), required=False, empty_label=_("all")
    )
    number = PhoneField(label=_("Called number"), required=False)
    amount_from = AmountField(label=_("Amount from"), required=False)
    only_late = forms.BooleanField(label=_("Came late"), required=False)
    only_corrections = forms.BooleanField(label=_("Corrections"), required=False)

    def clean_number(self) -> str:
        """Return digits as records keep them."""
        return str(self.cleaned_data["number"]).lstrip("+")


def criteria_of(values: dict[str, Any]) -> Criteria:
    """Return what the filter's cleaned values ask for."""
    category, zone, minor = values.get("usage_category"), values.get("zone"), values.get("amount_from")
    digits = currency_digits(settings.SALDO_CURRENCY)
    return Criteria(
        first=values["first"],
        last=values["last"],
        number=values.get("number") or "",
        usage_category_id=category.pk if category else None,
        zone_id=zone.pk if zone else None,
        amount_from_micro=None if minor is None else minor_to_micro(minor, digits=digits),
        only_late=bool(values.get("only_late")),
        only_corrections=bool(values.get("only_corrections")),
    )


class OrderCallListForm(CallListFilter):
    """A call list as a file: which calls, of what form, where to."""

    file_kind = forms.ChoiceField(label=_("Form"), choices=CallListOrder.Form.choices)
    delivery = forms.ChoiceField(
        label=_("Where to"),
        choices=[
            (CallListOrder.Delivery.DOWNLOAD, _("Download here")),
            (CallListOrder.Delivery.MAIL, _("By e-mail to the subscriber")),
        ],
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)


class RevealForm(forms.Form):
    """Why called numbers are needed whole, and the password once more."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        help_text=_("Who asks for it, or by what order. The reason is kept, and every page that you look at."),
    )
    password = forms.CharField(
        label=_("Your password"), widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}), strip=False
    )


class LegalHoldForm(forms.Form):
    """Days whose records are kept whatever their age."""

    first = DayField(label=_("From"))
    last = DayField(label=_("To"))
    reason = forms.CharField(label=_("Reason"), max_length=300)
