"""Information stations: what was called there, month by month and customer by customer, and what is owed to each."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.core import clock
from billing_site.core.money import micro_to_decimal
from billing_site.core.periods import month_of
from billing_site.web.tables import Column, Kind, Table
from billing_site.web.views import DetailPage, FormPage, ListPage, Outcome
from rating.forms.call_lists import PeriodForm
from rating.forms.premium_stations import EndStationForm, PremiumContactForm, PremiumStationForm
from rating.models import PremiumStation
from rating.operations.premium_stations import (
    change_premium_contact,
    create_premium_station,
    end_premium_station,
)
from rating.queries.premium import (
    CustomerSums,
    MonthSums,
    StationSums,
    station_customers,
    station_months,
    station_sums,
    totalled_last,
)

MONTHS_SHOWN = 24
FIGURES: tuple[Column[Any], ...] = (
    Column(label=_("Calls"), value="calls", kind=Kind.NUM, total=True),
    Column(label=_("Duration"), value="seconds", kind=Kind.DURATION, total=True),
    Column(label=_("Billed"), value="billed_micro", kind=Kind.MICRO, total=True),
    Column(label=_("Owed to the station"), value="owed_micro", kind=Kind.MICRO, total=True),
)


def get_station(station_id: int) -> PremiumStation:
    """
    Return a station.

    :raises Http404: if there is none
    """
    station = PremiumStation.objects.filter(pk=station_id).first()
    if station is None:
        raise Http404
    return station


def address_of(station_id: int) -> str:
    """Return the address of a station."""
    return reverse("rating:premium-station", args=[station_id])


class PremiumStations(ListPage[StationSums]):
    """All stations with what was called there in some days."""

    permission: ClassVar[str] = "rating.view_premium_stations"
    template_name = "rating/premium_station_list.html"
    title = _("Information stations")
    filter_form = PeriodForm
    empty = _("No station works in these days. Enter one, and its calls are totalled each night.")
    columns = (
        Column(label=_("Code"), value="station.code", kind=Kind.CODE),
        Column(label=_("Name"), value="station.names", kind=Kind.NAME),
        Column(label=_("Provider"), value="station.provider"),
        Column(label=_("Phone for questions"), value="station.contact_phone", kind=Kind.PHONE),
        Column(label=_("Customers"), value="customers", kind=Kind.NUM),
        *FIGURES,
    )

    def rows(self, filters: Mapping[str, Any]) -> Sequence[StationSums]:
        """Return the stations."""
        return station_sums(first=filters["first"], last=filters["last"])

    def row_href(self, row: StationSums) -> str:
        """Open the station."""
        return address_of(row.station.pk)

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Say as of when, and offer to enter a station."""
        may = self.request.user.may("rating.create_premium_station")
        return {"totalled": totalled_last(), "create_url": reverse("rating:create-premium-station") if may else ""}


class PremiumStationPage(DetailPage[PremiumStation]):
    """A station: whom to ask, its numbers, its share, its months."""

    permission: ClassVar[str] = "rating.view_premium_stations"
    template_name = "rating/premium_station_detail.html"

    def subject(self, station_id: int) -> PremiumStation:
        """Return the station."""
        return get_station(station_id)

    def page_title(self, subject: PremiumStation) -> str:
        """Call the page by the code."""
        return __("Station %(code)s") % {"code": subject.code}

    def more(self, subject: PremiumStation) -> Mapping[str, Any]:
        """Return the numbers and the months."""
        may = self.request.user.may
        months: Table[MonthSums] = Table(
            columns=(
                Column(label=_("Month"), value="month", kind=Kind.DATE),
                Column(label=_("Customers"), value="customers", kind=Kind.NUM),
                *FIGURES,
            ),
            rows=station_months(subject)[:MONTHS_SHOWN],
            caption=_("Months"),
            empty=_("Nobody called yet. Calls are totalled each night."),
            row_href=lambda row: statement_url(subject.pk, row.month),
        )
        return {
            "numbers": subject.numbers.order_by("number"),
            "share_amount": micro_to_decimal(subject.share_micro),
            "months": months,
            "totalled": totalled_last(),
            "may_change": may("rating.change_premium_contact"),
            "may_end": may("rating.end_premium_station") and subject.during.upper is None,
            "crumb": {"url": reverse("rating:premium-stations"), "label": __("Information stations")},
        }


class PremiumCustomers(ListPage[CustomerSums]):
    """Who called a station in some days: with its Excel file the statement for the provider."""

    permission: ClassVar[str] = "rating.view_premium_stations"
    title = _("Calls to the station")
    filter_form = PeriodForm
    empty = _("Nobody called in these days.")
    columns = (
        Column(label=_("Account"), value="account.number", kind=Kind.CODE),
        Column(label=_("Name"), value="account.subscriber.name"),
        *FIGURES,
    )

    def rows(self, filters: Mapping[str, Any]) -> Sequence[CustomerSums]:
        """Return the accounts."""
        self.station = get_station(filters["station_id"])
        return station_customers(station=self.station, first=filters["first"], last=filters["last"])

    def row_href(self, row: CustomerSums) -> str:
        """Open the calls of the account."""
        if not self.request.user.may("rating.view_call_list"):
            return ""
        days = {name: self.request.GET[name] for name in ("first", "last") if self.request.GET.get(name)}
        return f"{reverse('rating:account-calls', args=[row.account.pk])}?{urlencode(days)}"

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Lead back to the station."""
        station = get_station(filters["station_id"])
        return {
            "title": __("Calls to station %(code)s") % {"code": station.code},
            "crumb": {"url": address_of(station.pk), "label": station.code},
        }


class CreatePremiumStation(FormPage):
    """Enter a station."""

    permission: ClassVar[str] = "rating.create_premium_station"
    title = _("New information station")
    form_class = PremiumStationForm
    intro = _("The share never changes: for another share end the station, and enter it again from that day on.")

    def more(self, **ids: Any) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": reverse("rating:premium-stations")}

    def perform(self, form: Any, **ids: Any) -> Outcome:
        """Enter it."""
        values = form.cleaned_data
        station = create_premium_station(
            code=values["code"],
            names=form.names(),
            provider=values["provider"],
            contact_phone=values["contact_phone"],
            contact_address=values["contact_address"],
            numbers=values["numbers"],
            share=form.share(),
            valid_from=values["valid_from"],
            actor=self.request.user,
        )
        return Outcome(url=address_of(station.pk), message=__("The station was entered."))


class StationForm(FormPage):
    """A form about one station."""

    def more(self, station_id: int) -> Mapping[str, Any]:
        """Lead back to it."""
        return {"back_url": address_of(get_station(station_id).pk)}


class ChangePremiumContact(StationForm):
    """Change whom a caller may ask."""

    permission: ClassVar[str] = "rating.change_premium_contact"
    title = _("Whom to ask")
    form_class = PremiumContactForm

    def initial(self, station_id: int) -> Mapping[str, Any]:
        """Return what is known."""
        station = get_station(station_id)
        return {name: getattr(station, name) for name in PremiumContactForm.base_fields}

    def perform(self, form: Any, station_id: int) -> Outcome:
        """Change it."""
        get_station(station_id)
        change_premium_contact(station_id=station_id, **form.cleaned_data, actor=self.request.user)
        return Outcome(url=address_of(station_id), message=__("The station was changed."))


class EndPremiumStation(StationForm):
    """End a station."""

    permission: ClassVar[str] = "rating.end_premium_station"
    title = _("End the station")
    form_class = EndStationForm

    def initial(self, station_id: int) -> Mapping[str, Any]:
        """Offer today."""
        get_station(station_id)
        return {"until": clock.today()}

    def perform(self, form: Any, station_id: int) -> Outcome:
        """End it."""
        get_station(station_id)
        end_premium_station(station_id=station_id, until=form.cleaned_data["until"], actor=self.request.user)
        return Outcome(url=address_of(station_id), message=__("The station was ended."))


def statement_url(station_id: int, month: date) -> str:
    """Return the address of a station's customers in a month."""
    days = {"first": month.isoformat(), "last": month_of(month).last_day.isoformat()}
    return f"{reverse('rating:premium-customers', args=[station_id])}?{urlencode(days)}"
