"""Worked examples of a plan version, priced by the core as a call would be; nothing is written."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import Q

from billing_site.core import clock
from billing_site.core.errors import BillingError
from billing_site.core.messages import Message, gettext_noop
from billing_site.core.quantities import Unit
from billing_site.db.ranges import date_period
from rating.domain.charges import Charge
from rating.domain.explanations import explain
from rating.domain.guiding import NumberingPlan, normalise_number
from rating.domain.pricing import price_usage
from rating.queries.sources import numbering_plan
from tariffs.domain.price_book import PlanPrices
from tariffs.models import PlanVersion, Rate, RateDeckPrefix, TestCall, Zone, ZonePrefix
from tariffs.queries.price_books import get_version_prices

NO_ZONE = gettext_noop("No prefix fits %(number)s.")
ZONE_BY_PREFIX = gettext_noop("%(number)s begins with %(prefix)s: zone %(zone)s.")


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedExample:
    """An example and what pricing gives: micro units or ``None`` where there is no price, with the sentences why."""

    call: TestCall
    got_micro: int | None
    sentences: tuple[Message, ...]

    @property
    def is_green(self) -> bool:
        """Whether the amount is the one that is expected."""
        return self.got_micro is not None and self.got_micro == self.call.expected_micro


def price_test_calls(version: PlanVersion) -> tuple[PricedExample, ...]:
    """
    Return the examples of a version in order, each priced by this version before allowances, published or not.

    Numbers lead to zones as they will on the version's days: by the prefixes of its rate decks, else by those in force.
    """
    calls = list(TestCall.objects.filter(plan_version=version).select_related("zone").order_by("position"))
    prices = get_version_prices(version.pk)
    numbering = numbering_plan(on=prices.valid.start)
    numbers = {call.pk: normalise_number(call.called, numbering) for call in calls if call.called}
    leads = _leads(version, [reading.number for reading in numbers.values() if reading.number])
    names = _Names(
        zones=dict(Zone.objects.values_list("pk", "code")),
        rates=dict(Rate.objects.filter(plan_version=version).values_list("pk", "code")),
    )
    return tuple(_priced(call, prices=prices, numbering=numbering, leads=leads, names=names) for call in calls)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Names:
    zones: Mapping[int, str]
    rates: Mapping[int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lead:
    """Where a prefix leads, and on which days; a deck's lead holds before any other."""

    zone_id: int
    first: date
    until: date | None = None
    is_pending: bool = False


def _leads(version: PlanVersion, numbers: Iterable[str]) -> dict[str, list[_Lead]]:
    """Return where the beginnings of some numbers lead: two queries, however long the tables are."""
    heads = {number[:length] for number in numbers for length in range(1, len(number) + 1)}
    first = date_period(version.during).start
    leads: dict[str, list[_Lead]] = {}
    pending = RateDeckPrefix.objects.filter(deck__plan_version=version, prefix__in=heads).order_by("-deck_id")
    if version.state != PlanVersion.State.PUBLISHED:
        for prefix, zone_id in pending.values_list("prefix", "zone_id"):
            leads.setdefault(prefix, []).append(_Lead(zone_id=zone_id, first=date.min, is_pending=True))
    known = ZonePrefix.objects.filter(Q(during__endswith__gt=first) | Q(during__endswith=None), prefix__in=heads)
    for prefix, zone_id, during in known.values_list("prefix", "zone_id", "during"):
        period = date_period(during)
        leads.setdefault(prefix, []).append(_Lead(zone_id=zone_id, first=period.start, until=period.until))
    return leads


def _find_lead(number: str, *, on: date, leads: Mapping[str, Sequence[_Lead]]) -> tuple[str, int] | None:
    """Return the longest prefix of a number that leads somewhere on a day, and the zone."""
    for length in range(len(number), 0, -1):
        for lead in leads.get(number[:length], ()):
            if lead.first <= on and (lead.until is None or on < lead.until):
                return number[:length], lead.zone_id
    return None


def _priced(
    call: TestCall,
    *,
    prices: PlanPrices,
    numbering: NumberingPlan,
    leads: Mapping[str, Sequence[_Lead]],
    names: _Names,
) -> PricedExample:
    zone_id, way = call.zone_id, []
    if zone_id is None:
        reading = normalise_number(call.called, numbering)
        if reading.message is not None:
            return PricedExample(call=call, got_micro=None, sentences=(reading.message,))
        on = max(call.started_at.astimezone(clock.operator_zone()).date(), prices.valid.start)
        found = _find_lead(reading.number, on=on, leads=leads)
        if found is None:
            missing = Message(msgid=NO_ZONE, params={"number": reading.number})
            return PricedExample(call=call, got_micro=None, sentences=(missing,))
        prefix, zone_id = found
        values = {"number": reading.number, "prefix": prefix, "zone": names.zones[zone_id]}
        way = [Message(msgid=ZONE_BY_PREFIX, params=values)]
    try:
        charge = price_usage(
            prices=prices.for_category(call.customer_category),
            zone_id=zone_id,
            unit=Unit(call.unit),
            started_at=call.started_at,
            quantity=call.quantity,
        )
    except BillingError as error:
        why = Message(msgid=str(error.template), params={**error.context, "zone": names.zones[zone_id]})
        return PricedExample(call=call, got_micro=None, sentences=(*way, why))
    return PricedExample(call=call, got_micro=charge.amount_micro, sentences=(*way, *_trace(charge, names)))


def _trace(charge: Charge, names: _Names) -> Iterable[Message]:
    """Return the sentences of a charge with the codes of rates in the place of their ids."""
    for sentence in explain(charge):
        params: dict[str, Any] = dict(sentence.params)
        if params.get("rate") in names.rates:
            params["rate"] = names.rates[params["rate"]]
        yield replace(sentence, params=params)
