"""Forms of billing against accounting and of revenue transfers."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing_site.core.names import name_in
from billing_site.identity.models import User
from billing_site.identity.roles import VERBS
from billing_site.ledger.models import AccountingPeriod
from billing_site.web.forms import AmountField, CodeAndNames, CountField, DayField, ModelChoiceField
from billing_site.web.wrapping import current_language
from reconciliation.models import AccountingMap, BookCause, Measure, Section, TransferAnswer
from reconciliation.queries.accounting_files import days_of_files
from reconciliation.queries.book_words import CASE_KINDS, CASE_STATES
from tariffs.models import BillItem
from tariffs.queries.words import SERVICE_KINDS

LAYOUTS = [("TABLE", _("A table with headings")), ("SHEET_1C", _("The turnover sheet of 1C"))]
# Fields of a table and what they hold; each side is one column or two.
COLUMN_LABELS = {
    "class": _("Heading of the class of accounts"),
    "account": _("Heading of the customer's account number"),
    "name": _("Heading of the customer's name"),
    "opening": _("Heading of the opening balance, debits positive"),
    "opening_debit": _("Heading of the opening debit balance"),
    "opening_credit": _("Heading of the opening credit balance"),
    "debit": _("Heading of the debit turnover"),
    "credit": _("Heading of the credit turnover"),
    "closing": _("Heading of the closing balance, debits positive"),
    "closing_debit": _("Heading of the closing debit balance"),
    "closing_credit": _("Heading of the closing credit balance"),
}


class _MapChoice(ModelChoiceField):
    """A column map, by its name."""

    def label_from_instance(self, obj: Any) -> str:
        """Return the name in the page's language."""
        return name_in(obj.names, current_language()) or str(obj.code)


class AccountingFileForm(forms.Form):
    """A file of the accounting ledger, and what is told of it apart."""

    layout = _MapChoice(label=_("Column map"), queryset=AccountingMap.objects.order_by("code"), to_field_name="code")
    first_on = DayField(label=_("First day"))
    last_on = DayField(label=_("Last day"))
    ledger = forms.FileField(
        label=_("File"), help_text=_("CSV, .xlsx or a turnover sheet saved by 1C; it is kept as it came.")
    )
    expected_closing = AmountField(
        label=_("Sum of the closing balances, if accounting told it"), required=False, allow_negative=True
    )
    is_whole = forms.BooleanField(
        label=_("The file names every class that has anything"),
        required=False,
        initial=True,
        help_text=_("Of a class that it does not name, accounting then has nothing."),
    )


class CompareForm(forms.Form):
    """Which days to compare: those for which files are loaded."""

    days = forms.ChoiceField(label=_("Days"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the days, as first and last."""
        super().__init__(*args, **kwargs)
        self.fields["days"].choices = [  # type: ignore[attr-defined]
            (f"{first} {last}", f"{first} – {last}") for first, last in days_of_files()
        ]

    def clean_days(self) -> tuple[date, date]:
        """Return first and last day."""
        first, last = map(date.fromisoformat, self.cleaned_data["days"].split())
        return first, last


class CaseFilter(forms.Form):
    """Which cases to list."""

    state = forms.ChoiceField(
        label=_("State"), required=False, initial="OPEN", choices=[("", _("all")), *CASE_STATES.items()]
    )
    kind = forms.ChoiceField(label=_("Difference"), required=False, choices=[("", _("all")), *CASE_KINDS.items()])
    section = forms.ChoiceField(label=_("Fixed or mobile"), required=False, choices=[("", _("all")), *Section.choices])
    mine = forms.BooleanField(label=_("Only mine"), required=False)


class OwnerForm(forms.Form):
    """Who works on a case."""

    owner = ModelChoiceField(label=_("Owner"), queryset=User.objects.none(), required=False, empty_label=_("nobody"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer who may correct."""
        super().__init__(*args, **kwargs)
        roles = [role for role, verbs in VERBS.items() if "reconciliation.correct_book_case" in verbs]
        people = User.objects.filter(is_active=True, role__in=roles).order_by("full_name", "username")
        self.fields["owner"].queryset = people  # type: ignore[attr-defined]


class _CauseChoice(ModelChoiceField):
    """A cause, by its name."""

    def label_from_instance(self, obj: Any) -> str:
        """Return the name in the page's language."""
        return name_in(obj.names, current_language()) or str(obj.code)


class CorrectionForm(forms.Form):
    """Why both books differ and how it was corrected."""

    cause = _CauseChoice(
        label=_("Cause"),
        queryset=BookCause.objects.filter(is_active=True).order_by("position", "code"),
        to_field_name="code",
    )
    correction = forms.CharField(
        label=_("How it was corrected"), max_length=300, widget=forms.Textarea(attrs={"rows": 3})
    )
    document = forms.CharField(
        label=_("Letter, credit note or entry"),
        max_length=100,
        required=False,
        help_text=_("Its number: whoever reads this next year was not here."),
    )


class ReasonForm(forms.Form):
    """Why a correction goes back."""

    reason = forms.CharField(label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


class ClassForm(forms.Form):
    """A class of the accounting ledger and what of ours it holds."""

    code = forms.RegexField(r"^[0-9A-Za-z][0-9A-Za-z.-]{0,31}$", label=_("Code"), strip=True)
    title = forms.CharField(label=_("Title"), max_length=100)
    measure = forms.ChoiceField(label=_("Holds"), choices=Measure.choices)
    section = forms.ChoiceField(
        label=_("Fixed or mobile"), required=False, choices=[("", _("of both")), *Section.choices]
    )
    kinds = forms.MultipleChoiceField(
        label=_("Kinds of service"),
        required=False,
        choices=[(kind, SERVICE_KINDS[kind]) for kind in BillItem.Kind.values],
        widget=forms.CheckboxSelectMultiple,
    )
    items = forms.CharField(
        label=_("Bill items that it has alone"),
        required=False,
        max_length=600,
        help_text=_("Codes of bill items, tax categories or providers, separated by spaces; empty: all others."),
    )


class MapForm(CodeAndNames):
    """A column map: how the accounting program writes its files."""

    layout = forms.ChoiceField(label=_("Layout"), choices=LAYOUTS)
    encoding = forms.ChoiceField(
        label=_("Encoding of text files"), choices=[(one, one) for one in ("utf-8", "cp1251", "cp1252", "koi8-r")]
    )
    delimiter = forms.ChoiceField(
        label=_("Between fields"),
        choices=[(";", ";"), (",", ","), ("TAB", _("a tab")), ("|", "|")],
    )
    decimal_mark = forms.ChoiceField(label=_("Decimal mark"), choices=[(".", "."), (",", ",")])
    total_mark = forms.CharField(
        label=_("A total begins with"), max_length=40, required=False, help_text=_("For 1C usually “Итого”.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Add a field for the heading of each column."""
        super().__init__(*args, **kwargs)
        for name, label in COLUMN_LABELS.items():
            self.fields[f"column_{name}"] = forms.CharField(label=label, max_length=60, required=False)

    def plan(self) -> dict[str, Any]:
        """Return the map in its plain form."""
        given = self.cleaned_data
        plan: dict[str, Any] = {name: given[name] for name in ("layout", "encoding", "decimal_mark", "total_mark")}
        plan["delimiter"] = "\t" if given["delimiter"] == "TAB" else given["delimiter"]
        columns = {name: given[f"column_{name}"] for name in COLUMN_LABELS if given[f"column_{name}"]}
        return plan | {"columns": columns} if given["layout"] == "TABLE" else plan


class CauseForm(CodeAndNames):
    """A cause of differences."""

    position = CountField(label=_("Position"), initial=100)
    is_active = forms.BooleanField(label=_("Offered"), required=False, initial=True)


class PrepareTransferForm(forms.Form):
    """Of which period and section revenue is handed over."""

    period = ModelChoiceField(label=_("Accounting period"), queryset=AccountingPeriod.objects.order_by("-first_on"))
    section = forms.ChoiceField(label=_("Fixed or mobile"), choices=Section.choices)


class TransferAnswerForm(forms.Form):
    """What accounting said of a set."""

    verdict = forms.ChoiceField(
        label=_("Answer of accounting"), choices=TransferAnswer.Verdict.choices, widget=forms.RadioSelect
    )
    text = forms.CharField(
        label=_("Their words, or the number of their operation"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    answered_on = DayField(label=_("Day of the answer"))
