"""
Where a usage goes: its zone, and the unit in which it is priced there.

A number has the zone of its longest prefix, a named point the zone of its exact name. A call between people who stand
in a relation takes the zone of that relation where the plan has a rate for it; a free zone stays free.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from billing_site.core.quantities import Unit
from rating.domain.services import NAMED_SERVICES, Service
from tariffs.domain.price_book import FoundZone, PlanPrices, PriceBook
from tariffs.domain.relations import Relation


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """The zone of a usage with the relation that led to it, the unit in which it is priced, and how much it is."""

    found: FoundZone
    unit: Unit
    quantity: int


def place_usage(
    *,
    book: PriceBook,
    prices: PlanPrices,
    service: Service,
    called: str,
    on: date,
    quantities: Mapping[Unit, int],
    relations: Iterable[Relation] = (),
) -> Placed | None:
    """
    Return where a usage goes, or ``None`` where neither a prefix nor a point fits.

    :param called: a normalised number, or the name of a point
    :param on: the local day of the start
    :param quantities: how much was used, in each unit in which the record tells it; what it does not tell is 0
    :param relations: those in which caller and called stand
    """
    if service in NAMED_SERVICES:
        zone_id = book.zone_of_point(called, service=service, on=on)
    else:
        zone_id = book.prefixes.zone_of(called, on=on)
    if zone_id is None:
        return None
    units = service.candidate_units
    found = book.related_zone(zone_id, relations=relations, prices=prices, units=units)
    unit = prices.unit_for(zone_id=found.zone_id, candidates=units)
    return Placed(found=found, unit=unit, quantity=quantities.get(unit, 0))
