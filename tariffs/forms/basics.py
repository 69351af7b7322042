"""Forms of what plans are made of: windows of the week, services, bill items, usage categories."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from billing_site.web.forms import CodeAndNames, CountField, DayField, NamedChoice, PriceField
from tariffs.domain.window_lines import WindowLineUnsound, read_window_lines
from tariffs.models import BillItem, Feature, TaxCategory
from tariffs.models.fee import LENGTHS, WHOLE_FEE
from tariffs.operations.calendars import NewWindow
from tariffs.queries.words import CHANGE_PRORATIONS, END_PRORATIONS, PRORATIONS, SERVICE_KINDS, TIMINGS

LONGEST_WINDOWS = 4_000
LARGEST_POSITION = 30_000


def _items(*, required: bool = True) -> NamedChoice:
    return NamedChoice(queryset=BillItem.objects.order_by("code"), label=_("Bill item"), required=required)


class WindowSchemeForm(CodeAndNames):
    """A scheme of windows: one opening a line."""

    windows = forms.CharField(
        label=_("Windows"),
        required=False,
        max_length=LONGEST_WINDOWS,
        help_text=_(
            "One opening a line: code, weekdays from 1 (Monday) to 7, time, name. For example: PEAK 1-5 08:00 Day."
            " A window holds until the next one opens. Without any, every minute costs the same."
        ),
        widget=forms.Textarea(attrs={"rows": 6, "dir": "ltr", "spellcheck": "false"}),
    )

    def clean_windows(self) -> tuple[NewWindow, ...]:
        """Return the openings."""
        try:
            lines = read_window_lines(self.cleaned_data["windows"])
        except WindowLineUnsound as error:
            raise forms.ValidationError(
                _("Line %(number)s is no opening: “%(text)s”. Write code, weekdays, time and name."),
                params={"number": error.number, "text": error.text[:80]},
            ) from error
        return tuple(
            NewWindow(
                code=line.code,
                names={"en": line.name},
                weekdays=line.weekdays,
                opens_at_minute=line.opens_at_minute,
            )
            for line in lines
        )


class FeatureForm(CodeAndNames):
    """A service that a line may have besides its plan, with its first price."""

    bill_item = _items()
    amount = PriceField(label=_("Price of a period"))
    valid_from = DayField(label=_("Valid from"))
    timing = forms.ChoiceField(
        label=pgettext_lazy("of a fee", "Charged"), choices=list(TIMINGS.items()), initial=Feature.Timing.ARREARS
    )
    months = forms.TypedChoiceField(
        label=_("Months of a period"), choices=[(months, str(months)) for months in LENGTHS], coerce=int, initial=1
    )
    proration = forms.ChoiceField(label=_("A part of a period costs"), choices=list(PRORATIONS.items()))
    end_proration = forms.ChoiceField(label=_("A part that ends with the line"), choices=list(END_PRORATIONS.items()))
    change_proration = forms.ChoiceField(label=_("A part around a change"), choices=list(CHANGE_PRORATIONS.items()))
    suspended_percent = CountField(
        label=_("Of the fee while the line is suspended, in per cent"), max_value=WHOLE_FEE, initial=WHOLE_FEE
    )

    def terms(self) -> Mapping[str, Any]:
        """Return what the operation takes besides code, names and bill item."""
        same = ("timing", "months", "proration", "end_proration", "change_proration", "suspended_percent")
        return {name: self.cleaned_data[name] for name in same}


class FeaturePriceForm(forms.Form):
    """Another price of a service from a day on."""

    amount = PriceField(label=_("Price of a period"))
    valid_from = DayField(label=_("Valid from"))


class BillItemForm(CodeAndNames):
    """An item of the bill."""

    kind = forms.ChoiceField(label=_("Whose revenue it is"), choices=list(SERVICE_KINDS.items()))
    tax_category = NamedChoice(queryset=TaxCategory.objects.order_by("code"), label=_("Category of tax"))
    position = CountField(label=_("Place on the bill"), max_value=LARGEST_POSITION, initial=100)


class UsageCategoryForm(CodeAndNames):
    """A category of use, and the bill item that it goes into."""

    bill_item = _items()
