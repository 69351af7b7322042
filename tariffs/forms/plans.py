"""Forms of the plan pages. Tables are text fields: a script makes cells of them, without it they are typed."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, gettext_lazy as _

from billing_site.web.forms import CodeAndNames, DayField, NamedChoice
from billing_site.web.refusals import message_html, refusal_html
from billing_site.web.states import state_choices
from tariffs.domain.grids import CellFault, GridColumn, TableFaulty, column_letter, parse_table, write_table
from tariffs.forms.legend import LEGEND
from tariffs.models import BillItem, PlanVersion, UsageCategory, Window, WindowScheme, Zone
from tariffs.operations.draft_grids import (
    ALLOWANCE_COLUMNS,
    PRICE_COLUMNS,
    rate_columns,
    read_allowances_table,
    read_prices_table,
    read_rates_table,
    write_allowances,
    write_prices,
    write_rates,
)
from tariffs.operations.plans import VersionDraft
from tariffs.operations.test_call_grids import (
    COLUMNS as CALL_COLUMNS,
    CasesUnreadable,
    read_case_file,
    read_test_calls_table,
)
from tariffs.queries.words import ROUNDING, SERVICE_KINDS

MAX_TABLE = 2_000_000
SHOWN_FAULTS = 100


class GridWidget(forms.Textarea):
    """A text of lines and tabs that a script shows as cells."""

    def __init__(self, columns: Sequence[GridColumn] = ()) -> None:
        """Take the columns; they may be set later, when the scheme is known."""
        super().__init__(attrs={"rows": 8, "dir": "ltr", "spellcheck": "false", "data-grid": "", "wrap": "off"})
        self.columns = tuple(columns)
        self.faults: Sequence[CellFault] = ()

    def build_attrs(self, base_attrs: Any, extra_attrs: Any = None) -> dict[str, Any]:
        """Tell the script the headings and the cells that are wrong."""
        attrs: dict[str, Any] = super().build_attrs(base_attrs, extra_attrs)
        heads = [gettext(column.label) for column in self.columns]
        wrong = [[one.row, one.column, plain_sentence(one)] for one in self.faults[:SHOWN_FAULTS]]
        return {**attrs, "data-heads": json.dumps(heads), "data-wrong": json.dumps(wrong)}


class GridField(forms.CharField):
    """A table: its cleaned value is the text, the form reads it."""

    def __init__(self, *, columns: Sequence[GridColumn] = (), **options: Any) -> None:
        """Take as much as a plan says."""
        widget = GridWidget(columns)
        super().__init__(max_length=MAX_TABLE, required=False, strip=False, widget=widget, **options)


def plain_sentence(fault: CellFault) -> str:
    """Return what is wrong with a cell as plain text, translated."""
    return gettext(fault.message.msgid) % fault.message.params if fault.message.params else gettext(fault.message.msgid)


class TablesForm(forms.Form):
    """A form with tables; wrong cells are listed with their addresses under the table and marked in it."""

    def grid_widget(self, name: str) -> GridWidget:
        """Return the widget of a table."""
        widget = self.fields[name].widget
        assert isinstance(widget, GridWidget)
        return widget

    def read_table(self, name: str, read: Callable[[str], Any]) -> Any:
        """Return what a table says; where cells cannot be read, the field is wrong and its widget knows the cells."""
        try:
            return read(self.cleaned_data.get(name) or "")
        except TableFaulty as error:
            self.grid_widget(name).faults = error.faults
            self.add_error(name, ValidationError(refusal_html(error)))
        return None

    def tables(self) -> list[dict[str, Any]]:
        """Return the tables for the template: the field, its columns with letters, the faults with their words."""
        return [
            {
                "bound": bound,
                "columns": [
                    {"letter": column_letter(place), "label": gettext(column.label)}
                    for place, column in enumerate(bound.field.widget.columns, start=1)
                ],
                "faults": [
                    {"row": one.row, "letter": one.letter, "words": message_html(one.message)}
                    for one in bound.field.widget.faults[:SHOWN_FAULTS]
                ],
            }
            for bound in self
            if isinstance(bound.field.widget, GridWidget)
        ]

    def plain_fields(self) -> list[forms.BoundField]:
        """Return the visible fields that are no tables."""
        return [bound for bound in self.visible_fields() if not isinstance(bound.field.widget, GridWidget)]


class VersionForm(TablesForm):
    """Everything that a version says."""

    legend = tuple((title, tuple(words.items())) for title, words in LEGEND)

    seen_revision = forms.IntegerField(widget=forms.HiddenInput, initial=0)
    # For which windows the table of rates was shown: another scheme has other columns.
    shown_windows = forms.CharField(widget=forms.HiddenInput, required=False)
    valid_from = DayField(label=_("First day"))
    valid_until = DayField(label=_("First day without it"), required=False)
    window_scheme = NamedChoice(WindowScheme.objects.order_by("code"), label=_("Time windows"), empty_label=None)
    currency = forms.RegexField(r"^[A-Z]{3}$", label=_("Currency"), initial=lambda: settings.SALDO_CURRENCY)
    rounding_mode = forms.ChoiceField(
        label=_("Rounding"),
        choices=list(ROUNDING.items()),
    )
    rounding_places = forms.IntegerField(label=_("Decimals of one record"), min_value=0, max_value=6, initial=2)
    favourite_count = forms.IntegerField(
        label=_("Favourite numbers that a subscriber may name"), min_value=0, max_value=100, initial=0, required=False
    )
    prices_include_tax = forms.BooleanField(label=_("Prices include tax"), required=False)
    prices = GridField(label=_("Prices that do not depend on use"), columns=PRICE_COLUMNS)
    rates = GridField(
        label=_("Prices of use"),
        help_text=_("A price is for the units of its line. Steps: 5; 3@180 is 5, and 3 from second 180 on."),
    )
    allowances = GridField(label=_("Allowances"), columns=ALLOWANCE_COLUMNS)

    def __init__(self, *args: Any, **options: Any) -> None:
        """Give the table of rates a column for each window of the scheme."""
        super().__init__(*args, **options)
        self.window_codes = self._window_codes()
        self.grid_widget("rates").columns = rate_columns(self.window_codes)
        self.fields["shown_windows"].initial = " ".join(self.window_codes)

    def _window_codes(self) -> tuple[str, ...]:
        chosen = self.data.get("window_scheme") if self.is_bound else self.initial.get("window_scheme")
        schemes = WindowScheme.objects.order_by("code").values_list("pk", flat=True)
        scheme_id = chosen or schemes.first()
        if not str(scheme_id or "").isdigit():
            return ()
        codes = Window.objects.filter(scheme_id=scheme_id).order_by("pk").values_list("code", flat=True)
        return tuple(dict.fromkeys(codes))

    def _refit_rates(self) -> None:
        """Write the table with the columns of a scheme that was just chosen; a person looks at it before it counts."""
        shown = tuple(str(self.cleaned_data.get("shown_windows") or "").split())
        if shown == self.window_codes:
            return
        lines, _faults = parse_table(self.cleaned_data.get("rates") or "", rate_columns(shown))
        text = write_table((line.values for line in lines), rate_columns(self.window_codes))
        self.data = {**self.data.dict(), "rates": text, "shown_windows": " ".join(self.window_codes)}  # type: ignore[attr-defined]
        self.cleaned_data["rates"] = text
        self.add_error("window_scheme", _("The table of prices now has the windows of this scheme: look at it again."))

    def clean(self) -> dict[str, Any]:
        """Read the tables into the draft, if everything else is sound."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        self._refit_rates()
        zones = set(Zone.objects.values_list("code", flat=True))
        items = set(BillItem.objects.values_list("code", flat=True))
        known = self.initial.get("known_rates", ())
        read = {
            "prices": self.read_table("prices", lambda text: read_prices_table(text, bill_item_codes=items)),
            "rates": self.read_table(
                "rates",
                lambda text: read_rates_table(text, window_codes=self.window_codes, zone_codes=zones, known=known),
            ),
            "allowances": self.read_table("allowances", lambda text: read_allowances_table(text, zone_codes=zones)),
        }
        if not self.errors:
            values["draft"] = VersionDraft(
                **{name: values[name] for name in ("valid_from", "valid_until", "currency")},
                rounding_mode=values["rounding_mode"],
                rounding_places=values["rounding_places"],
                favourite_count=values["favourite_count"] or 0,
                prices_include_tax=values["prices_include_tax"],
                window_scheme_code=values["window_scheme"].code,
                **read,
            )
        return values


def version_initial(draft: VersionDraft, *, version: PlanVersion) -> dict[str, Any]:
    """Return what the form shows of a version."""
    windows = Window.objects.filter(scheme_id=version.window_scheme_id).order_by("pk").values_list("code", flat=True)
    return {
        "seen_revision": version.revision,
        "valid_from": draft.valid_from,
        "valid_until": draft.valid_until,
        "window_scheme": version.window_scheme_id,
        "currency": draft.currency,
        "rounding_mode": draft.rounding_mode,
        "rounding_places": draft.rounding_places,
        "favourite_count": draft.favourite_count,
        "prices_include_tax": draft.prices_include_tax,
        "prices": write_prices(draft.prices),
        "rates": write_rates(draft.rates, window_codes=tuple(dict.fromkeys(windows))),
        "allowances": write_allowances(draft.allowances),
        "known_rates": draft.rates,
    }


class TestCallsForm(TablesForm):
    """The worked examples of a draft."""

    __test__ = False

    seen_revision = forms.IntegerField(widget=forms.HiddenInput, initial=0)
    calls = GridField(label=_("Worked examples"), columns=CALL_COLUMNS)
    cases = forms.FileField(
        label=_("Add from a file of worked cases"),
        required=False,
        help_text=_("JSON of the form telecom-billing-cases/1."),
    )

    def clean(self) -> dict[str, Any]:
        """Read the table and add the cases of the file."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        zones = set(Zone.objects.values_list("code", flat=True))
        values["new_calls"] = self.read_table("calls", lambda text: read_test_calls_table(text, zone_codes=zones))
        return values

    def clean_cases(self) -> Any:
        """Return the calls of the file."""
        uploaded = self.cleaned_data.get("cases")
        try:
            return read_case_file(uploaded.read(), name=uploaded.name) if uploaded else []
        except CasesUnreadable as error:
            raise ValidationError(refusal_html(error)) from error


KINDS = list(SERVICE_KINDS.items())


class PlanForm(CodeAndNames):
    """A new plan: its code, its kind, and its names in five languages."""

    kind = forms.ChoiceField(label=_("Kind of service"), choices=KINDS)
    field_order = ("code", "kind")


class FirstDayForm(forms.Form):
    """From which day on."""

    valid_from = DayField(label=_("First day"))


class RetireForm(forms.Form):
    """When a plan ends."""

    until = DayField(label=_("First day without the plan"))


class ReasonForm(forms.Form):
    """Why a version goes back."""

    reason = forms.CharField(label=_("Reason"), max_length=300)


class PlanFilter(forms.Form):
    """Which plans."""

    standing = forms.ChoiceField(label=_("State"), required=False)
    kind = forms.ChoiceField(label=_("Kind of service"), required=False, choices=[("", _("all")), *KINDS])

    def __init__(self, *args: Any, **options: Any) -> None:
        """Name the states as they are named when the page is shown."""
        super().__init__(*args, **options)
        states = [("", _("all")), *state_choices(PlanVersion.Standing.values)]
        self.fields["standing"].choices = states  # type: ignore[attr-defined]


class DeckForm(forms.Form):
    """A rate deck and what is declared about it."""

    deck = forms.FileField(label=_("Rate deck"), help_text=_("CSV in UTF-8, or .xlsx; prefixes formatted as text."))
    decimal_mark = forms.ChoiceField(
        label=_("Decimal mark of numbers in it"), choices=[(".", _("Point: 1.50")), (",", _("Comma: 1,50"))]
    )
    usage_category = NamedChoice(
        UsageCategory.objects.order_by("code"),
        label=_("Category of destinations that are new"),
        required=False,
        empty_label=_("none: new destinations are refused"),
    )
    allow_zero = forms.BooleanField(label=_("Prices of zero are meant"), required=False)
