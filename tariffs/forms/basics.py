"""Forms of what plans are made of: windows of the week, services, bill items, usage categories, tax."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from billing_site.web.forms import NAME_LENGTH, CodeAndNames, CountField, DayField, NamedChoice, NamesForm, PriceField
from tariffs.forms.plans import GridField, TablesForm
from tariffs.models import BillItem, Feature, TaxCategory
from tariffs.models.fee import LENGTHS, WHOLE_FEE
from tariffs.operations.window_grids import WINDOW_COLUMNS, read_windows_table
from tariffs.queries.words import (
    CHANGE_PRORATIONS,
    END_PRORATIONS,
    PRORATIONS,
    SERVICE_KINDS,
    TAX_TREATMENTS,
    TIMINGS,
)

LARGEST_POSITION = 30_000
TAX_PLACES = 3


def _items(*, required: bool = True) -> NamedChoice:
    return NamedChoice(queryset=BillItem.objects.order_by("code"), label=_("Bill item"), required=required)


def _keeps_line() -> forms.BooleanField:
    return forms.BooleanField(
        label=_("Not essential for the line"),
        required=False,
        help_text=_("Who does not pay such a charge keeps the line. Bills of runs planned from now on mark it."),
    )


class WindowSchemeForm(CodeAndNames, TablesForm):
    """A scheme of windows: one opening a line."""

    windows = GridField(
        label=_("Windows"),
        columns=WINDOW_COLUMNS,
        help_text=_(
            "One opening a line: weekdays from 1 (Monday) to 7, and the time. A window holds until the next one opens."
            " Without any, every minute costs the same."
        ),
    )

    def clean(self) -> dict[str, Any]:
        """Read the openings."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        values["openings"] = self.read_table("windows", read_windows_table)
        return values


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
    keeps_line = _keeps_line()


class EditBillItemForm(NamesForm):
    """What of an item of the bill can be changed."""

    name_en = forms.CharField(label=_("Name, English"), max_length=NAME_LENGTH)
    position = CountField(label=_("Place on the bill"), max_value=LARGEST_POSITION)
    keeps_line = _keeps_line()
    seen_mark = forms.CharField(max_length=16, widget=forms.HiddenInput)


class UsageCategoryForm(CodeAndNames):
    """A category of use, and the bill item that it goes into."""

    bill_item = _items()


class TaxRateForm(forms.Form):
    """A rate of tax from a day on."""

    percent = PriceField(label=_("Rate, in per cent"), places=TAX_PLACES)
    valid_from = DayField(label=_("Valid from"))


class TaxCategoryForm(TaxRateForm, CodeAndNames):
    """A category of tax with its first rate."""

    code = forms.RegexField(
        r"^[A-Z0-9][A-Z0-9-]{0,15}$", label=_("Code"), help_text=_("Capital letters, digits, dashes: at most 16.")
    )
    treatment = forms.ChoiceField(
        label=_("Treatment"),
        choices=list(TAX_TREATMENTS.items()),
        help_text=_("How an electronic invoice names it. By every treatment but the standard one the rate is 0."),
    )
    reason_code = forms.RegexField(
        r"^[A-Z0-9-]{0,32}$",
        label=_("Code of the reason"),
        required=False,
        help_text=_("Why nothing is charged, as an electronic invoice says it. For example: VATEX-EU-AE."),
        widget=forms.TextInput(attrs={"dir": "ltr", "spellcheck": "false"}),
    )
    field_order = (
        "code", "name_en", "name_hy", "name_ru", "name_zh", "name_ar",
        "treatment", "percent", "valid_from", "reason_code",
    )  # fmt: skip
