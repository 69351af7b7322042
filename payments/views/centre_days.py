"""A day of the service centres: tills, differences, open sessions, and the hours of the queue."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _, pgettext_lazy

from billing_site.core import clock
from billing_site.identity.models import ServiceCentre
from billing_site.web.formatting import format_minor, format_number
from billing_site.web.plots import Bar, Plot, bars
from billing_site.web.tables import Column, Kind
from billing_site.web.views import FormPage, ListPage, Outcome
from billing_site.web.wrapping import current_language
from payments.forms.till import CentreDayFilter, CentreDayForm
from payments.operations.centre_days import confirm_centre_day
from payments.queries.centre_days import HourSum, SessionDay, confirmations_of_day, hours_of_sessions, sum_sessions
from payments.views.till_scope import sessions_seen_by


class CentreDay(ListPage[SessionDay]):
    """Every session of a day: a supervisor sees his centre, a clerk his own, the accountant all."""

    permission: ClassVar[str] = "payments.view_till_sessions"
    template_name = "payments/centre_day.html"
    title = _("Service-centre day")
    filter_form = CentreDayFilter
    is_wide = True
    columns = (
        Column(label=_("Service centre"), value="session.till.centre.names", kind=Kind.NAME),
        Column(label=_("Till"), value="session.till.code", kind=Kind.CODE),
        Column(label=_("Clerk"), value="session.clerk"),
        Column(label=_("Receipts"), value="receipt_count", kind=Kind.NUM),
        Column(label=pgettext_lazy("till, an amount", "Taken"), value="taken_minor", kind=Kind.MONEY, total=True),
        Column(label=_("Given back"), value="given_back_minor", kind=Kind.MONEY, total=True),
        Column(label=_("Of it cash"), value="cash_minor", kind=Kind.MONEY, total=True),
        Column(label=_("Difference"), value="difference_minor", kind=Kind.MONEY, total=True),
        Column(label=_("Reason"), value="session.difference_reason"),
        Column(label=_("Signed by"), value="session.signed_by"),
        Column(label=_("Z report"), value="session.report_number", kind=Kind.CODE),
        Column(label=_("State"), value="session.state", kind=Kind.STATE),
    )
    empty = _("No till was open on this day.")

    def rows(self, filters: Mapping[str, Any]) -> Sequence[SessionDay]:
        """Return the sessions of the day."""
        self.day = filters.get("day") or clock.today()
        seen = sessions_seen_by(self.request.user).filter(opened_on=self.day)
        centre = filters.get("centre")
        self.found = sum_sessions(seen.filter(till__centre=centre) if centre else seen)
        return self.found

    def row_href(self, row: SessionDay) -> str:
        """Lead to its report."""
        return reverse("payments:till-session", args=[row.session.pk])

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the sums of the day, and its hours as a picture."""
        found: Sequence[SessionDay] = getattr(self, "found", ())
        ids = [one.session.pk for one in found]
        hours = hours_of_sessions(ids, day=self.day) if ids else []
        return {
            "currency": settings.SALDO_CURRENCY,
            "net_minor": sum(one.net_minor for one in found),
            "difference_minor": sum(one.difference_minor or 0 for one in found),
            "open_count": sum(one.session.is_open for one in found),
            "unsigned_count": sum(one.session.state == "COUNTED" for one in found),
            "centres": self._centres(found),
            "picture": picture_of_hours(hours) if hours else None,
        }

    def _centres(self, found: Sequence[SessionDay]) -> list[dict[str, Any]]:
        """Return the centres of the day, each with its confirmation or, for who may, the way to it."""
        centres = {one.session.till.centre_id: one.session.till.centre for one in found}
        said = confirmations_of_day(self.day, centre_ids=centres)
        may = self.request.user.may("payments.confirm_centre_day")
        return [
            {
                "centre": centre,
                "said": said.get(pk),
                "url": reverse("payments:confirm-centre-day", args=[pk, self.day]) if may and pk not in said else "",
            }
            for pk, centre in centres.items()
        ]


class ConfirmCentreDay(FormPage):
    """The accountant's word that a day of a centre is in order."""

    permission: ClassVar[str] = "payments.confirm_centre_day"
    title = _("Confirm a day of a service centre")
    form_class = CentreDayForm
    submit_label = _("Confirm")

    def more(self, centre_id: int, day: date) -> Mapping[str, Any]:
        """Lead back to the day."""
        get_centre_or_404(centre_id)
        return {"back_url": address_of_day(day)}

    def perform(self, form: Any, centre_id: int, day: date) -> Outcome:
        """Confirm it."""
        confirm_centre_day(
            centre_id=get_centre_or_404(centre_id).pk,
            day=day,
            note=form.cleaned_data["note"],
            confirmed_at=clock.now(),
            actor=self.request.user,
        )
        return Outcome(url=address_of_day(day), message=__("The day is confirmed."))


def get_centre_or_404(centre_id: int) -> ServiceCentre:
    """Return a centre, or raise ``Http404``."""
    found = ServiceCentre.objects.filter(pk=centre_id).first()
    if found is None:
        raise Http404
    return found


def address_of_day(day: date) -> str:
    """Return the page of a day."""
    return f"{reverse('payments:centre-day')}?day={day.isoformat()}"


def picture_of_hours(hours: Sequence[HourSum]) -> Plot:
    """Return the hours as bars of receipts, with the sentence that says the fullest one."""
    language = current_language()
    known = {one.hour: one for one in hours}
    first, last = min(known), max(known)
    fullest = max(hours, key=lambda one: (one.count, -one.hour))
    money = format_minor(fullest.amount_minor, currency=settings.SALDO_CURRENCY, language=language)
    words = {
        "hour": f"{fullest.hour:02d}:00",
        "count": format_number(fullest.count, language=language),
        "money": f"{money} {settings.SALDO_CURRENCY}",
    }
    return bars(
        title=__("Receipts by hour"),
        sentence=__("Most people came in the hour from %(hour)s: %(count)s receipts of %(money)s.") % words,
        points=[
            Bar(label=f"{hour:02d}", value=known[hour].count if hour in known else 0) for hour in range(first, last + 1)
        ],
        column=__("Receipts"),
    )
