"""The form of a network's column map, and the file that it is tried on."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing_site.web.forms import DayField
from reconciliation.domain.register_maps import DELIMITERS, ENCODINGS, FORMS

COLUMNS = {
    "txn_id": _("Transaction"),
    "account": _("Account"),
    "amount": _("Amount"),
    "paid_at": _("Time of payment"),
}
FORM_WORDS = {"csv": _("Separated text (CSV)"), "xlsx": _("Workbook (XLSX)"), "xml": _("XML")}
DELIMITER_WORDS = {";": _("Semicolon"), ",": _("Comma"), "\t": _("Tab"), "|": _("Upright line")}

assert tuple(FORM_WORDS) == FORMS, "every form has its words"
assert tuple(DELIMITER_WORDS) == DELIMITERS, "every delimiter has its words"


def _code_input() -> forms.TextInput:
    return forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off"})


class RegisterMapForm(forms.Form):
    """How a network writes its register. Columns are named by their headings, by number from 1, or by path."""

    form = forms.ChoiceField(label=_("Form of the file"), choices=list(FORM_WORDS.items()))
    encoding = forms.ChoiceField(label=_("Encoding"), choices=[(name, name) for name in ENCODINGS])
    # The choice of a tab is written as a word: browsers trim values.
    delimiter = forms.ChoiceField(
        label=_("Delimiter"),
        choices=[("tab" if sign == "\t" else sign, word) for sign, word in DELIMITER_WORDS.items()],
    )
    decimal_mark = forms.ChoiceField(label=_("Decimal mark"), choices=[(".", "."), (",", ",")])
    has_header = forms.BooleanField(
        label=_("The first line names the columns"),
        required=False,
        help_text=_("Otherwise columns are told by their numbers, from 1."),
    )
    txn_id = forms.CharField(label=COLUMNS["txn_id"], max_length=100, widget=_code_input())
    account = forms.CharField(label=COLUMNS["account"], max_length=100, widget=_code_input())
    amount = forms.CharField(label=COLUMNS["amount"], max_length=100, widget=_code_input())
    paid_at = forms.CharField(label=COLUMNS["paid_at"], max_length=100, required=False, widget=_code_input())
    time_format = forms.CharField(label=_("Form of the time"), max_length=60, widget=_code_input())
    row = forms.CharField(
        label=_("Element of a payment"),
        max_length=60,
        required=False,
        widget=_code_input(),
        help_text=_("For XML; the columns are paths below it, such as payer/account or @id."),
    )
    file_name = forms.CharField(
        label=_("Name of the files in the network's folder"),
        max_length=100,
        required=False,
        widget=_code_input(),
        help_text=_("With the day in it, such as register-%Y%m%d.csv. Empty: registers are loaded by hand."),
    )
    sample = forms.FileField(label=_("A file of the network to try the map on"))
    day = DayField(label=_("Day of that file"))

    def clean(self) -> dict[str, Any]:
        """Want numbers where columns are told by number."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if not values.get("has_header") and values.get("form") != "xml":
            for name in COLUMNS:
                if values.get(name) and not (values[name].isascii() and values[name].isdigit() and int(values[name])):
                    self.add_error(name, _("Without headings this is the number of the column, from 1."))
        return values

    def register_map(self) -> dict[str, Any]:
        """Return the map in its plain form; a trailer that the network has stays as it is."""
        values = self.cleaned_data
        is_named = values["has_header"] or values["form"] == "xml"
        named = {name: values[name] for name in COLUMNS if values[name]}
        plain = {
            "form": values["form"],
            "encoding": values["encoding"],
            "delimiter": "\t" if values["delimiter"] == "tab" else values["delimiter"],
            "decimal_mark": values["decimal_mark"],
            "has_header": is_named,
            "columns": named if is_named else {name: int(place) - 1 for name, place in named.items()},
            "time_format": values["time_format"],
            "row": values["row"],
            "file_name": values["file_name"],
            "trailer": self.initial.get("trailer") if values["form"] == "csv" else None,
        }
        return {name: value for name, value in plain.items() if value not in (None, "")}


def initial_of_map(plain: Mapping[str, Any]) -> dict[str, Any]:
    """Return a map's plain form as the form shows it."""
    has_header = plain.get("has_header", True)
    columns = plain.get("columns") or {}
    delimiter = plain.get("delimiter", ";")
    return {
        "form": plain.get("form", "csv"),
        "encoding": plain.get("encoding", "utf-8"),
        "delimiter": "tab" if delimiter == "\t" else delimiter,
        "decimal_mark": plain.get("decimal_mark", "."),
        "has_header": has_header,
        **{name: place if has_header else place + 1 for name, place in columns.items()},
        "time_format": plain.get("time_format", "%Y-%m-%d %H:%M:%S"),
        "row": plain.get("row", ""),
        "file_name": plain.get("file_name", ""),
        "trailer": plain.get("trailer"),
    }
