"""Zones as a person reads them: what leads there, and what limits their prices."""

from datetime import date

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from tariffs.models import PriceCeiling, Zone, ZonePoint, ZonePrefix

RELATIONS = {
    Zone.Relation.FAVOURITE: _("Favourite number"),
    Zone.Relation.GROUP: _("Closed user group"),
}
POINT_SERVICES = {"DATA": pgettext_lazy("kind of use", "Data"), "CONTENT": pgettext_lazy("kind of use", "Content")}


def zones_with_counts(*, on: date) -> "QuerySet[Zone]":
    """Return every zone with ``prefix_count`` and ``point_count``: what leads there on a day."""
    prefixes = Count("prefixes", filter=Q(prefixes__during__contains=on), distinct=True)
    points = Count("points", filter=Q(points__during__contains=on), distinct=True)
    return Zone.objects.select_related("usage_category").annotate(prefix_count=prefixes, point_count=points)


def prefixes_of_zone(*, zone_id: int, beginning: str = "") -> "QuerySet[ZonePrefix]":
    """Return the prefixes that lead, led or will lead to a zone, those that begin so."""
    return ZonePrefix.objects.filter(zone_id=zone_id, prefix__startswith=beginning)


def zone_points() -> "QuerySet[ZonePoint]":
    """Return every named point with its zone."""
    return ZonePoint.objects.select_related("zone")


def price_ceilings() -> "QuerySet[PriceCeiling]":
    """Return every ceiling with the category or the zone that it limits."""
    return PriceCeiling.objects.select_related("usage_category", "zone")
