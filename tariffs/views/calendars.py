"""The calendar of prices: special days of a year, marked by hand, imported or loaded."""

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as __, gettext_lazy as _, ngettext

from billing_site.core import clock
from billing_site.identity.http import StaffRequest
from billing_site.web.forms import names_initial
from billing_site.web.tables import Column, Kind, Table
from billing_site.web.views import ActionView, FormPage, ListPage, Outcome
from tariffs.forms import CalendarFileForm, LoadCalendarForm, SpecialDayForm, YearFilter
from tariffs.models import SpecialDay
from tariffs.operations.special_days import (
    CalendarChanges,
    import_special_days,
    load_special_days,
    mark_special_day,
    unmark_special_day,
)
from tariffs.queries.special_days import (
    DayChange,
    Verdict,
    YearDay,
    compare_special_days,
    find_special_day,
    special_days_in,
)

IMPORT_NOW = "import"
ORIGINS = {
    "LIBRARY": _("public calendar"),
    "FILE": _("announced, from a file"),
    "HAND": _("marked by hand"),
}
VERDICTS = {
    Verdict.NEW: _("new"),
    Verdict.CHANGED: _("changed"),
    Verdict.SAME: _("as it is"),
    Verdict.KEPT: _("stays: marked by hand"),
}


def weekday_name(weekday: int) -> str:
    """Return the name of an ISO weekday in the page's language."""
    return str(WEEKDAYS[weekday - 1])


def calendar_of(year: int) -> str:
    """Return the address of a year's calendar."""
    return f"{reverse('tariffs:calendar')}?{urlencode({'year': year})}"


class Calendar(ListPage[YearDay]):
    """The special days of a year and what they do to the windows."""

    permission: ClassVar[str] = "tariffs.view_calendar"
    title = _("Calendar")
    template_name = "tariffs/calendar.html"
    filter_form = YearFilter
    page_size = 400
    is_wide = True
    intro = _(
        "These days are priced as another weekday: the windows of that weekday open on them. Where none opens, the one "
        "that opened last goes on."
    )
    empty = _("No special day is known in this year: every day is priced as its own weekday.")
    columns = (
        Column(label=_("Day"), value="day", kind=Kind.DATE),
        Column(label=_("Weekday"), value=lambda row: weekday_name(row.weekday)),
        Column(label=_("Counts as"), value=lambda row: weekday_name(row.counts_as)),
        Column(label=_("Name"), value="names", kind=Kind.NAME),
        Column(label=_("Windows that open"), value="windows", kind=Kind.CODE),
        Column(label=_("Windows of its weekday"), value="usual_windows", kind=Kind.CODE),
        Column(label=_("Who says so"), value=lambda row: str(ORIGINS[row.origin])),
    )

    def rows(self, filters: Mapping[str, Any]) -> tuple[YearDay, ...]:
        """Return the days."""
        return special_days_in(filters["year"])

    def row_href(self, row: YearDay) -> str:
        """Open the mark of the day, for who may set it."""
        if not self.request.user.has_perm(MarkSpecialDay.permission):
            return ""
        return f"{reverse('tariffs:mark-special-day')}?{urlencode({'day': row.day.isoformat()})}"


class MarkSpecialDay(FormPage):
    """Let a day count as another weekday."""

    permission: ClassVar[str] = "tariffs.mark_special_day"
    title = _("Mark a day")
    template_name = "tariffs/mark_special_day.html"
    form_class = SpecialDayForm
    submit_label = _("Mark")
    intro = _("A mark stands over the public calendar and over imported days. Days that were billed cannot change.")

    def initial(self) -> Mapping[str, Any]:
        """Fill in what the day is now."""
        found = self._marked()
        if found is None:
            return {"day": self.request.GET.get("day", "")}
        return {"day": found.day, "counts_as": found.counts_as_weekday, **names_initial(found.names)}

    def more(self) -> Mapping[str, Any]:
        """Offer to take an own mark away."""
        found = self._marked()
        return {
            "back_url": reverse("tariffs:calendar"),
            "own_day": found.day if found and found.origin == SpecialDay.Origin.HAND else None,
        }

    def perform(self, form: SpecialDayForm) -> Outcome:
        """Mark it."""
        day = form.cleaned_data["day"]
        mark_special_day(day=day, counts_as=form.cleaned_data["counts_as"], names=form.names(), actor=self.request.user)
        return Outcome(url=calendar_of(day.year), message=__("The day is marked."))

    def _marked(self) -> SpecialDay | None:
        try:
            return find_special_day(date.fromisoformat(self.request.GET.get("day", "")))
        except ValueError:
            return None


class UnmarkSpecialDay(ActionView):
    """Take a mark away."""

    permission: ClassVar[str] = "tariffs.unmark_special_day"
    title = _("Take the mark away")
    button = _("Take away")

    def question(self, day: date) -> str:
        """Say what follows."""
        return __("The day is priced as its own weekday again, until a calendar is loaded.")

    def back_url(self, day: date) -> str:
        """Return the year."""
        return calendar_of(day.year)

    def perform(self, day: date) -> Outcome:
        """Take it away."""
        unmark_special_day(day=day, actor=self.request.user)
        return Outcome(url=calendar_of(day.year), message=__("The mark is taken away."))


class LoadSpecialDays(FormPage):
    """Take a country's public calendar."""

    permission: ClassVar[str] = "tariffs.load_special_days"
    title = _("Load a public calendar")
    form_class = LoadCalendarForm
    submit_label = _("Load")
    intro = _("Only what differs is written. Days that were marked by hand or imported stay.")

    def initial(self) -> Mapping[str, Any]:
        """Leave the past as it is."""
        return {"first_day": clock.today()}

    def more(self) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": reverse("tariffs:calendar")}

    def perform(self, form: LoadCalendarForm) -> Outcome:
        """Load it."""
        done = load_special_days(**form.cleaned_data, actor=self.request.user)
        return Outcome(url=calendar_of(form.cleaned_data["year"]), message=_said(done))


class ImportSpecialDays(FormPage):
    """Take an announced calendar: first shown beside what stands, then imported."""

    permission: ClassVar[str] = "tariffs.import_special_days"
    title = _("Import a calendar")
    template_name = "tariffs/import_special_days.html"
    form_class = CalendarFileForm
    submit_label = _("Preview")
    changes: Table[DayChange] | None = None

    def more(self) -> Mapping[str, Any]:
        """Lead back, and show what would change once that is known."""
        return {"back_url": reverse("tariffs:calendar"), "table": self.changes}

    def post(self, request: StaffRequest, **ids: Any) -> HttpResponseBase:
        """Show what would change, until it is to be imported."""
        form = self.form_class(request.POST, request.FILES)
        if IMPORT_NOW in request.POST or not form.is_valid():
            return super().post(request)
        return self._preview(form)

    def perform(self, form: CalendarFileForm) -> Outcome:
        """Import it."""
        days = form.cleaned_data["days"]
        done = import_special_days(days=days, actor=self.request.user)
        return Outcome(url=calendar_of(days[0].day.year), message=_said(done))

    def _preview(self, form: CalendarFileForm) -> HttpResponse:
        changes = compare_special_days(form.cleaned_data["days"], origin=SpecialDay.Origin.FILE)
        columns: tuple[Column[DayChange], ...] = (
            Column(label=_("Day"), value="day", kind=Kind.DATE),
            Column(label=_("Name"), value="names", kind=Kind.NAME),
            Column(label=_("Was"), value=lambda change: weekday_name(change.was)),
            Column(label=_("Becomes"), value=lambda change: weekday_name(change.becomes)),
            Column(label=_("Change"), value=lambda change: str(VERDICTS[change.verdict])),
        )
        self.changes = Table(columns=columns, rows=changes, caption=__("What would change"))
        return self._show_form(self.form_class(initial={"text": form.cleaned_data["text"]}), {})


def _said(done: CalendarChanges) -> str:
    """Say what a calendar changed."""
    if not done.written and not done.removed:
        return __("Nothing differs: every day is as it was.")
    return ngettext("One day is written.", "%(count)s days are written.", done.written) % {"count": done.written}
