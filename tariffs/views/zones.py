"""Zones and what leads there: prefixes, named points; and the ceilings of prices with their documents."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _, ngettext

from billing_site.core import clock
from billing_site.web.forms import names_initial
from billing_site.web.tables import Column, Kind
from billing_site.web.views import FormPage, ListPage, Outcome
from tariffs.forms.zones import (
    EndingForm,
    PrefixFilter,
    PriceCeilingForm,
    ZoneForm,
    ZoneNamesForm,
    ZonePointForm,
    ZonePrefixesForm,
)
from tariffs.models import PriceCeiling, Zone, ZonePoint, ZonePrefix
from tariffs.operations.ceilings import end_price_ceiling, set_price_ceiling
from tariffs.operations.zone_points import end_zone_point, load_zone_points
from tariffs.operations.zones import create_zone, load_zone_prefixes, rename_zone
from tariffs.queries.words import UNITS
from tariffs.queries.zones import (
    POINT_SERVICES,
    RELATIONS,
    prefixes_of_zone,
    price_ceilings,
    zone_points,
    zones_with_counts,
)


def _zone(zone_id: int) -> Zone:
    """Return a zone, or the page that says that there is none."""
    zone = Zone.objects.filter(pk=zone_id).first()
    if zone is None:
        raise Http404
    return zone


class ZoneList(ListPage[Any]):
    """Every zone: what it is, and how much leads there today."""

    permission: ClassVar[str] = "tariffs.view_zones"
    template_name = "tariffs/zone_list.html"
    title = _("Zones")
    order = ("code",)
    empty = _("No zone yet. Create the first.")
    columns = (
        Column(label=_("Zone"), value="names", kind=Kind.NAME),
        Column(label=_("Code"), value="code", kind=Kind.CODE),
        Column(label=_("Usage category"), value="usage_category.names", kind=Kind.NAME),
        Column(label=_("Free in every plan"), value=lambda row: __("Yes") if row.is_free else ""),
        Column(label=_("Calls between"), value=lambda row: str(RELATIONS.get(row.relation, ""))),
        Column(label=_("Prefixes today"), value="prefix_count", kind=Kind.NUM, total=True),
        Column(label=_("Named points today"), value="point_count", kind=Kind.NUM, total=True),
    )

    def rows(self, filters: Mapping[str, Any]) -> "QuerySet[Zone]":
        """Return them as of today."""
        return zones_with_counts(on=clock.today())

    def row_href(self, row: Zone) -> str:
        """Open its prefixes."""
        return reverse("tariffs:zone-prefixes", args=[row.pk])


class ZonePrefixList(ListPage[ZonePrefix]):
    """The prefixes of a zone with their days."""

    permission: ClassVar[str] = "tariffs.view_zones"
    template_name = "tariffs/zone_prefix_list.html"
    title = _("Prefixes of a zone")
    order = ("prefix", "pk")
    filter_form = PrefixFilter
    empty = _("No prefix leads to this zone.")
    columns = (
        Column(label=_("Prefix"), value="prefix", kind=Kind.CODE),
        Column(label=_("Valid from"), value=lambda row: row.during.lower, kind=Kind.DATE),
        Column(label=_("First day without it"), value=lambda row: row.during.upper, kind=Kind.DATE),
    )

    def rows(self, filters: Mapping[str, Any]) -> "QuerySet[ZonePrefix]":
        """Return them."""
        return prefixes_of_zone(zone_id=filters["zone_id"], beginning=filters.get("beginning") or "")

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Name the zone."""
        return {"zone": _zone(self.kwargs["zone_id"])}


class CreateZone(FormPage):
    """A new zone."""

    permission: ClassVar[str] = "tariffs.create_zone"
    title = _("Create a zone")
    form_class = ZoneForm
    intro = _("Its prefixes come next. No plan prices the zone before it has a rate for it.")

    def more(self) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": reverse("tariffs:zones")}

    def perform(self, form: ZoneForm) -> Outcome:
        """Create it, and go on with its prefixes."""
        given = form.cleaned_data
        zone = create_zone(
            code=given["code"],
            names=form.names(),
            usage_category_code=given["usage_category"].code,
            is_free=given["is_free"],
            relation=given["relation"],
            actor=self.request.user,
        )
        return Outcome(url=reverse("tariffs:zone-prefixes", args=[zone.pk]), message=__("The zone is there."))


class RenameZone(FormPage):
    """The names of a zone in five languages: a rate deck may have brought one alone."""

    permission: ClassVar[str] = "tariffs.rename_zone"
    title = _("Names of the zone")
    form_class = ZoneNamesForm
    intro = _("Bills that are made keep the name that they were made with.")

    def initial(self, zone_id: int) -> Mapping[str, Any]:
        """Show what it is called."""
        return names_initial(_zone(zone_id).names)

    def more(self, zone_id: int) -> Mapping[str, Any]:
        """Name the zone, and lead back."""
        url = reverse("tariffs:zone-prefixes", args=[zone_id])
        return {"back_url": url, "crumb": {"url": url, "label": _zone(zone_id).code}}

    def perform(self, form: ZoneNamesForm, zone_id: int) -> Outcome:
        """Keep them."""
        rename_zone(zone_id=_zone(zone_id).pk, names=form.names(), actor=self.request.user)
        return Outcome(url=reverse("tariffs:zone-prefixes", args=[zone_id]), message=__("The zone has its names."))


class LoadZonePrefixes(FormPage):
    """Let prefixes lead to a zone from a day on."""

    permission: ClassVar[str] = "tariffs.load_zone_prefixes"
    title = _("Add prefixes to a zone")
    form_class = ZonePrefixesForm
    intro = _("Where a prefix led to another zone, that ends on the day before.")

    def initial(self, zone_id: int) -> Mapping[str, Any]:
        """Begin today."""
        return {"valid_from": clock.today()}

    def more(self, zone_id: int) -> Mapping[str, Any]:
        """Lead back."""
        _zone(zone_id)
        return {"back_url": reverse("tariffs:zone-prefixes", args=[zone_id])}

    def perform(self, form: ZonePrefixesForm, zone_id: int) -> Outcome:
        """Load them."""
        prefixes = dict.fromkeys(form.cleaned_data["prefixes"], _zone(zone_id).code)
        count = load_zone_prefixes(
            prefixes=prefixes, valid_from=form.cleaned_data["valid_from"], actor=self.request.user
        )
        said = ngettext("%(count)s prefix leads to the zone.", "%(count)s prefixes lead to the zone.", count)
        message = said % {"count": count} if count else __("All of them led to this zone already.")
        return Outcome(url=reverse("tariffs:zone-prefixes", args=[zone_id]), message=message)


class ZonePointList(ListPage[ZonePoint]):
    """The access points and names of content, with the zone to which each leads."""

    permission: ClassVar[str] = "tariffs.view_zones"
    template_name = "tariffs/zone_point_list.html"
    title = _("Named points")
    order = ("service", "name", "pk")
    intro = _("Data and content are priced by name: the access point or the title leads to a zone.")
    empty = _("No named point yet. Without one, data and content are priced by the zone of their prefix.")
    columns = (
        Column(label=_("Service"), value=lambda row: str(POINT_SERVICES[row.service])),
        Column(label=_("Name"), value="name", kind=Kind.CODE),
        Column(label=_("Zone"), value="zone.names", kind=Kind.NAME),
        Column(label=_("Valid from"), value=lambda row: row.during.lower, kind=Kind.DATE),
        Column(label=_("First day without it"), value=lambda row: row.during.upper, kind=Kind.DATE),
    )

    def rows(self, filters: Mapping[str, Any]) -> "QuerySet[ZonePoint]":
        """Return them."""
        return zone_points()

    def row_href(self, row: ZonePoint) -> str:
        """Lead who may end it there."""
        may = row.during.upper is None and self.request.user.may("tariffs.end_zone_point")
        return reverse("tariffs:end-zone-point", args=[row.pk]) if may else ""


class LoadZonePoints(FormPage):
    """Let a name lead to a zone from a day on."""

    permission: ClassVar[str] = "tariffs.load_zone_points"
    title = _("Add a named point")
    form_class = ZonePointForm
    intro = _("Where the name led to another zone, that ends on the day before.")

    def initial(self) -> Mapping[str, Any]:
        """Begin today."""
        return {"valid_from": clock.today()}

    def more(self) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": reverse("tariffs:zone-points")}

    def perform(self, form: ZonePointForm) -> Outcome:
        """Load the one point."""
        given = form.cleaned_data
        points = {(given["service"], given["name"]): given["zone"].code}
        count = load_zone_points(points=points, valid_from=given["valid_from"], actor=self.request.user)
        message = __("The point leads to its zone.") if count else __("The point led to this zone already.")
        return Outcome(url=reverse("tariffs:zone-points"), message=message)


class EndZonePoint(FormPage):
    """Let a name lead to its zone no longer."""

    permission: ClassVar[str] = "tariffs.end_zone_point"
    title = _("End a named point")
    form_class = EndingForm
    submit_label = _("End it")

    def more(self, point_id: int) -> Mapping[str, Any]:
        """Name the point, and lead back."""
        point = ZonePoint.objects.filter(pk=point_id).first()
        if point is None:
            raise Http404
        intro = __("From that day on %(name)s goes where any other name goes.") % {"name": point.name}
        return {"intro": intro, "back_url": reverse("tariffs:zone-points")}

    def perform(self, form: EndingForm, point_id: int) -> Outcome:
        """End it."""
        end_zone_point(point_id=point_id, until=form.cleaned_data["until"], actor=self.request.user)
        return Outcome(url=reverse("tariffs:zone-points"), message=__("The point ends."))


class PriceCeilingList(ListPage[PriceCeiling]):
    """What the state or the head office allows at most, with the documents."""

    permission: ClassVar[str] = "tariffs.view_price_ceilings"
    template_name = "tariffs/price_ceiling_list.html"
    title = _("Price ceilings")
    order = ("code",)
    is_wide = True
    intro = _("A plan whose prices are above a ceiling that holds is not approved; the document is named.")
    empty = _("No ceiling yet: every price may be approved.")
    columns = (
        Column(label=_("Ceiling"), value="names", kind=Kind.NAME),
        Column(label=_("Code"), value="code", kind=Kind.CODE),
        Column(label=_("Document"), value="document"),
        Column(label=_("Category or zone"), value=lambda row: (row.zone or row.usage_category).names, kind=Kind.NAME),
        Column(label=_("Highest price"), value="maximum_price", kind=Kind.AMOUNT, currency="currency"),
        Column(label=_("For so many units"), value="units", kind=Kind.NUM),
        Column(label=_("Unit"), value=lambda row: str(UNITS[row.unit])),
        Column(label=_("Valid from"), value=lambda row: row.during.lower, kind=Kind.DATE),
        Column(label=_("First day without it"), value=lambda row: row.during.upper, kind=Kind.DATE),
    )

    def rows(self, filters: Mapping[str, Any]) -> "QuerySet[PriceCeiling]":
        """Return them."""
        return price_ceilings()

    def row_href(self, row: PriceCeiling) -> str:
        """Lead who may end it there."""
        may = row.during.upper is None and self.request.user.may("tariffs.end_price_ceiling")
        return reverse("tariffs:end-price-ceiling", args=[row.pk]) if may else ""


class SetPriceCeiling(FormPage):
    """Let a ceiling hold from a day on."""

    permission: ClassVar[str] = "tariffs.set_price_ceiling"
    title = _("Set a price ceiling")
    form_class = PriceCeilingForm
    intro = _("For a category of use or for one zone. Plans approved before are not looked at again.")

    def initial(self) -> Mapping[str, Any]:
        """Begin today."""
        return {"valid_from": clock.today()}

    def more(self) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": reverse("tariffs:price-ceilings")}

    def perform(self, form: PriceCeilingForm) -> Outcome:
        """Set it."""
        set_price_ceiling(ceiling=form.ceiling(), actor=self.request.user)
        return Outcome(url=reverse("tariffs:price-ceilings"), message=__("The ceiling holds from that day on."))


class EndPriceCeiling(FormPage):
    """Let a ceiling hold no longer."""

    permission: ClassVar[str] = "tariffs.end_price_ceiling"
    title = _("End a price ceiling")
    form_class = EndingForm
    submit_label = _("End it")

    def more(self, ceiling_id: int) -> Mapping[str, Any]:
        """Name its document, and lead back."""
        intro = __("It was set by this document: %(document)s") % {"document": self._ceiling(ceiling_id).document}
        return {"intro": intro, "back_url": reverse("tariffs:price-ceilings")}

    def perform(self, form: EndingForm, ceiling_id: int) -> Outcome:
        """End it."""
        code = self._ceiling(ceiling_id).code
        end_price_ceiling(code=code, until=form.cleaned_data["until"], actor=self.request.user)
        return Outcome(url=reverse("tariffs:price-ceilings"), message=__("The ceiling ends."))

    def _ceiling(self, ceiling_id: int) -> PriceCeiling:
        ceiling = PriceCeiling.objects.filter(pk=ceiling_id).first()
        if ceiling is None:
            raise Http404
        return ceiling
