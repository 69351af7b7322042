"""Forms of the tariff pages."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from billing_site.core import clock
from billing_site.core.errors import BillingError
from billing_site.web.forms import CountField, DayField, NamedChoice, NamesForm
from billing_site.web.refusals import refusal_html
from tariffs.domain.calendar_files import MAX_BYTES, read_calendar_file
from tariffs.domain.calendars import FIRST_YEAR, LAST_YEAR, countries_with_calendar
from tariffs.models import BillItem

WEEKDAY_CHOICES = [(number + 1, name) for number, name in sorted(WEEKDAYS.items())]


def _year() -> CountField:
    return CountField(label=_("Year"), min_value=FIRST_YEAR, max_value=LAST_YEAR, initial=lambda: clock.today().year)


class YearFilter(forms.Form):
    """Which year of the calendar."""

    year = _year()


class SpecialDayForm(NamesForm):
    """A day and what it counts as."""

    day = DayField(label=_("Day"))
    counts_as = forms.TypedChoiceField(
        label=_("Counts as"),
        coerce=int,
        choices=WEEKDAY_CHOICES,
        initial=7,
        help_text=_("A holiday counts as Sunday; the day's own weekday keeps it a usual day."),
    )
    field_order = ("day", "counts_as")


class LoadCalendarForm(forms.Form):
    """Which country's public calendar."""

    country = forms.ChoiceField(label=_("Country"), choices=[(code, code) for code in countries_with_calendar()])
    year = _year()
    first_day = DayField(
        label=_("From day"), required=False, help_text=_("Earlier days stay as they are: they may be billed already.")
    )


class CalendarFileForm(forms.Form):
    """An announced calendar: a file first; its text comes back with the preview."""

    file = forms.FileField(
        label=_("File"),
        required=False,
        help_text=_("CSV with day, counts_as and name (or name_en, name_hy, name_ru, name_zh-hans, name_ar); or JSON."),
    )
    text = forms.CharField(
        label=_("Or its text"),
        required=False,
        max_length=MAX_BYTES,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6, "dir": "ltr"}),
    )

    def clean(self) -> dict[str, Any]:
        """Read the days; the cleaned values hold them and the text they came from."""
        found: dict[str, Any] = dict(super().clean() or {})
        file, text = found.get("file"), found.get("text") or ""
        content = file.read(MAX_BYTES + 1) if file else text.encode()
        if not content:
            raise ValidationError(_("Choose a file, or paste its text."))
        try:
            found["days"] = read_calendar_file(content)
        except BillingError as error:
            raise ValidationError(refusal_html(error)) from error
        found["text"] = content.decode("utf-8-sig")
        return found


class MapUsageCategoryForm(forms.Form):
    """The bill item that usage goes into, and from which day on."""

    bill_item = NamedChoice(queryset=BillItem.objects.order_by("position", "code"), label=_("Bill item"))
    valid_from = DayField(label=_("Valid from"))
