"""Forms of the usage pages."""

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from billing_site.core.digits import to_ascii_digits
from billing_site.identity.models import ServiceCentre
from billing_site.web.forms import DayField, PhoneField
from billing_site.web.states import state_choices
from rating.models import LineProposal, SetAsideLine, UsageFile, UsageSource
from rating.queries.reasons import reason_choices
from subscribers.models import Account
from tariffs.models import Plan, PlanVersion


class FileFilter(forms.Form):
    """Which files."""

    source = forms.ModelChoiceField(
        UsageSource.objects.order_by("code"), label=_("Source"), required=False, empty_label=_("all")
    )
    day = DayField(label=_("Day"), required=False)
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("all")), *state_choices(UsageFile.State.values)]
    )


class UsageFileForm(forms.Form):
    """A file of usage as it came."""

    source = forms.ModelChoiceField(UsageSource.objects.filter(is_active=True).order_by("code"), label=_("Source"))
    usage = forms.FileField(
        label=_("File"),
        allow_empty_file=True,
        help_text=_("As the source wrote it, packed with gzip or not; it is kept as it came."),
    )


class LineFilter(forms.Form):
    """Which lines that did not become records."""

    outcome = forms.ChoiceField(
        label=_("Outcome"), required=False, choices=[("", _("all")), *state_choices(SetAsideLine.Outcome.values)]
    )
    reason = forms.ChoiceField(label=_("Reason"), required=False, choices=reason_choices(empty=_("all")))
    calling = forms.CharField(
        label=_("Calling number"), required=False, max_length=64, widget=forms.TextInput(attrs={"dir": "ltr"})
    )


class FileRecordFilter(forms.Form):
    """Whose records of a file."""

    number = PhoneField(label=_("Calling number"), required=False)

    def clean_number(self) -> str:
        """Return digits with the country code, which may be left out."""
        digits: str = self.cleaned_data["number"].lstrip("+").lstrip("0")
        country = settings.SALDO_COUNTRY_CODE
        return digits if not digits or digits.startswith(country) else f"{country}{digits}"


class QuarantineFilter(forms.Form):
    """Which groups of the quarantine."""

    reason = forms.ChoiceField(label=_("Reason"), required=False, choices=reason_choices(empty=_("all")))
    calling = forms.CharField(
        label=_("Calling number"), required=False, max_length=64, widget=forms.TextInput(attrs={"dir": "ltr"})
    )
    centre = forms.ModelChoiceField(
        ServiceCentre.objects.order_by("code"), label=_("Service centre"), required=False, empty_label=_("all")
    )
    source = forms.ModelChoiceField(
        UsageSource.objects.order_by("code"), label=_("Source"), required=False, empty_label=_("all")
    )
    days_waiting = forms.IntegerField(
        label=_("Waiting for days"), required=False, min_value=0, max_value=9_999, widget=forms.NumberInput()
    )
    # An empty number says "every number": that a line has none is said apart.
    is_nameless = forms.BooleanField(label=_("without a calling number"), required=False)


class WaitingLineFilter(QuarantineFilter):
    """Which lines of a reason."""

    reason = None  # type: ignore[assignment]  # Django's way to take a field away; the address names the reason


class LineChoiceForm(QuarantineFilter):
    """Which waiting lines an action is for: as the list was filtered, or as they were marked."""

    line = forms.CharField(required=False, widget=forms.MultipleHiddenInput())

    def __init__(self, *args: Any, **options: Any) -> None:
        """Keep what was chosen on the list; nothing of it is typed here."""
        super().__init__(*args, **options)
        for name, field in self.fields.items():
            if name not in self.typed:
                field.widget = forms.MultipleHiddenInput() if name == "line" else forms.HiddenInput()

    typed: ClassVar[frozenset[str]] = frozenset()

    def clean_line(self) -> tuple[tuple[int, int], ...]:
        """Return marked lines as (file, line)."""
        try:
            marked = [text.split("/") for text in self._marked()]
            return tuple((int(file_id), int(line)) for file_id, line in marked)
        except ValueError as error:
            raise forms.ValidationError(_("Mark the lines on the list.")) from error

    def _marked(self) -> list[str]:
        data = self.data
        return data.getlist("line") if hasattr(data, "getlist") else list(data.get("line", ()))


class ProposalForm(LineChoiceForm):
    """Why chosen lines shall be written off or released."""

    typed = frozenset({"why"})

    why = forms.CharField(label=_("Why"), max_length=300)


class ProposalFilter(forms.Form):
    """Which proposals."""

    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("all")), *state_choices(LineProposal.State.values)]
    )


class DayRangeFilter(forms.Form):
    """Which days and source."""

    first = DayField(label=_("From"), required=False)
    last = DayField(label=_("To"), required=False)
    source = forms.ModelChoiceField(
        UsageSource.objects.order_by("code"), label=_("Source"), required=False, empty_label=_("all")
    )


class AssignForm(forms.Form):
    """Whose a number is, by which plan, since when."""

    number = PhoneField(label=_("Number"))
    account = forms.CharField(label=_("Account"), max_length=16, widget=forms.TextInput(attrs={"dir": "ltr"}))
    plan = forms.ModelChoiceField(
        Plan.objects.filter(versions__state=PlanVersion.State.PUBLISHED).distinct().order_by("code"), label=_("Plan")
    )
    active_from = DayField(label=_("From"))

    def clean_account(self) -> Account:
        """Return the account with this number."""
        typed: str = self.cleaned_data["account"]
        found = Account.objects.filter(number=to_ascii_digits(typed).strip()).first()
        if found is None:
            raise forms.ValidationError(_("There is no account with this number."))
        return found


class ReleaseForm(forms.Form):
    """Why a held file may go on."""

    reason = forms.CharField(label=_("Reason"), max_length=300)


class TakeRecordsForm(forms.Form):
    """Which real records become worked examples."""

    first = DayField(label=_("First day"))
    until = DayField(label=_("First day without them"))
    count = forms.IntegerField(label=_("How many"), min_value=1, max_value=200, initial=20)
