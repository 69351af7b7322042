"""What one use would cost: looked up and explained by the core, with nothing written."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from billing_site.core import clock
from billing_site.core.errors import BillingError
from billing_site.core.messages import Message, gettext_noop
from billing_site.core.quantities import Unit
from rating.domain.charges import Charge
from rating.domain.explanations import explain
from rating.domain.guiding import normalise_number
from rating.domain.placing import Placed, place_usage
from rating.domain.pricing import price_usage
from rating.domain.services import NAMED_SERVICES, Service
from rating.queries.sources import numbering_plan
from subscribers.queries.holders import Holder, find_holder, find_plan_id
from subscribers.queries.relations import relations_of
from tariffs.domain.relations import Relation
from tariffs.models import Plan, Zone
from tariffs.queries.price_books import get_price_book


class PriceNotFound(BillingError):
    """There is no price for what was asked, and the sentence says why."""

    default_code = "PRICE_NOT_FOUND"


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedCall:
    """
    A looked-up price: the numbers as read, the plan, the zone, how caller and called stand to each other where that
    decided the zone, and the charge with its sentences; allowances and what the period has counted are left out.
    """

    calling: str
    called: str
    plan_code: str
    plan_version: int
    zone_code: str
    charge: Charge
    sentences: tuple[Message, ...]
    category: str = ""
    relation: Relation = Relation.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class _Caller:
    """Whose prices count: the plan, and the line where it is known."""

    number: str
    plan_id: int
    category: str
    holder: Holder | None


def look_up_price(
    *,
    calling: str,
    called: str,
    at: datetime,
    duration_seconds: int,
    plan_code: str | None = None,
    category: str | None = None,
    service: Service = Service.VOICE,
    quantities: Mapping[Unit, int] | None = None,
) -> PricedCall:
    """
    Return what a use would cost before allowances, on the day of ``at``: now, in the past or to come.

    :param calling: number as dialled; its holder's plan counts unless ``plan_code`` is given
    :param called: number as dialled, or the name of a point of DATA and CONTENT
    :param at: start, with a zone
    :param category: customer category; without one that of the holder of ``calling``
    :param quantities: what was used besides the seconds (bytes, money in micro units); without EVENTS it is one
    :raises PriceNotFound: for a number that is none, a number that nobody held, a plan that does not exist, a
        zone that no prefix or point gives
    :raises NoPrice: if the plan has no rate for the zone
    """
    on = at.astimezone(clock.operator_zone()).date()
    target = called if service in NAMED_SERVICES else _number(called)
    caller = _caller(calling, at=at, plan_code=plan_code)
    category = caller.category if category is None else category
    book = get_price_book()
    prices = book.plan_on(plan_id=caller.plan_id, on=on, category=category)
    if prices is None:
        raise PriceNotFound(gettext_noop("The plan has no published version on %(day)s."), context={"day": on})
    placed = place_usage(
        book=book,
        prices=prices,
        service=service,
        called=target,
        on=on,
        quantities={Unit.EVENTS: 1, Unit.SECONDS: duration_seconds, **(quantities or {})},
        relations=_relations(caller, target, at=at),
    )
    if placed is None:
        raise PriceNotFound(
            gettext_noop("No zone begins like %(number)s on %(day)s."), context={"number": target, "day": on}
        )
    charge = price_usage(
        prices=prices, zone_id=placed.found.zone_id, unit=placed.unit, started_at=at, quantity=placed.quantity
    )
    return _priced(caller, target, category=category, version=prices.version, placed=placed, charge=charge)


def _priced(caller: _Caller, called: str, *, category: str, version: int, placed: Placed, charge: Charge) -> PricedCall:
    relation = placed.found.relation
    return PricedCall(
        calling=caller.number,
        called=called,
        plan_code=Plan.objects.values_list("code", flat=True).get(pk=caller.plan_id),
        plan_version=version,
        zone_code=Zone.objects.values_list("code", flat=True).get(pk=placed.found.zone_id),
        charge=charge,
        sentences=explain(charge, relation=relation),
        category=category,
        relation=relation,
    )


def _number(called: str) -> str:
    destination = normalise_number(called, numbering_plan())
    if destination.message is not None:
        raise PriceNotFound(destination.message.msgid, context=dict(destination.message.params))
    return destination.number


def _relations(caller: _Caller, called: str, *, at: datetime) -> frozenset[Relation]:
    if caller.holder is None:
        return frozenset()
    on = at.astimezone(clock.operator_zone()).date()
    return relations_of(subscription_id=caller.holder.subscription_id, called=called, at=at, on=on)


def _caller(calling: str, *, at: datetime, plan_code: str | None) -> _Caller:
    """Return whose prices count: the holder's at that time, or those of the plan that is asked for."""
    reading = normalise_number(calling, numbering_plan())
    holder = None if reading.message is not None else find_holder(reading.number, at=at)
    category = holder.category if holder else ""
    if plan_code is not None:
        return _Caller(number=reading.number or calling, plan_id=_plan_id(plan_code), category=category, holder=holder)
    if reading.message is not None:
        raise PriceNotFound(reading.message.msgid, context=dict(reading.message.params))
    on = at.astimezone(clock.operator_zone()).date()
    found = find_plan_id(subscription_id=holder.subscription_id, on=on) if holder else None
    if found is None:
        raise PriceNotFound(
            gettext_noop("Nobody held %(number)s with a plan then: give a plan with --plan."),
            context={"number": reading.number},
        )
    return _Caller(number=reading.number, plan_id=found, category=category, holder=holder)


def _plan_id(plan_code: str) -> int:
    plan_id = Plan.objects.filter(code=plan_code).values_list("pk", flat=True).first()
    if plan_id is None:
        known = ", ".join(Plan.objects.order_by("code").values_list("code", flat=True)[:20])
        raise PriceNotFound(
            gettext_noop("There is no plan “%(code)s”; plans are: %(known)s."),
            context={"code": plan_code, "known": known},
        )
    return plan_id
