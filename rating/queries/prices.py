"""What one call would cost: looked up and explained by the core, with nothing written."""

from dataclasses import dataclass
from datetime import datetime

from billing_site.core import clock
from billing_site.core.errors import BillingError
from billing_site.core.messages import Message, gettext_noop
from rating.domain.charges import Charge
from rating.domain.explanations import explain
from rating.domain.guiding import normalise_number
from rating.domain.pricing import price_call
from rating.queries.sources import numbering_plan
from subscribers.queries.holders import find_holder, find_plan_id
from tariffs.models import Plan, Zone
from tariffs.queries.price_books import get_price_book


class PriceNotFound(BillingError):
    """There is no price for what was asked, and the sentence says why."""

    default_code = "PRICE_NOT_FOUND"


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedCall:
    """
    A looked-up price: the numbers as read, the plan, the zone and the charge with its sentences; allowances are left
    out.
    """

    calling: str
    called: str
    plan_code: str
    plan_version: int
    zone_code: str
    charge: Charge
    sentences: tuple[Message, ...]


def look_up_price(
    *, calling: str, called: str, at: datetime, duration_seconds: int, plan_code: str | None = None
) -> PricedCall:
    """
    Return what a call would cost before allowances.

    :param calling: number as dialled; its holder's plan counts unless ``plan_code`` is given
    :param at: start, with a zone
    :raises PriceNotFound: for a number that is none, a number that nobody held, a plan that does not exist, a
        zone that no prefix gives
    :raises NoPrice: if the plan has no rate for the zone
    """
    numbering = numbering_plan()
    on = at.astimezone(clock.operator_zone()).date()
    destination = normalise_number(called, numbering)
    if destination.message is not None:
        raise PriceNotFound(destination.message.msgid, context=dict(destination.message.params))
    plan_id, caller = _plan_of(calling, at=at, plan_code=plan_code)
    book = get_price_book()
    prices = book.plan_on(plan_id=plan_id, on=on)
    if prices is None:
        raise PriceNotFound(gettext_noop("The plan has no published version on %(day)s."), context={"day": on})
    zone_id = book.prefixes.zone_of(destination.number, on=on)
    if zone_id is None:
        raise PriceNotFound(
            gettext_noop("No zone begins like %(number)s on %(day)s."),
            context={"number": destination.number, "day": on},
        )
    charge = price_call(prices=prices, zone_id=zone_id, started_at=at, duration_seconds=duration_seconds)
    return PricedCall(
        calling=caller,
        called=destination.number,
        plan_code=Plan.objects.values_list("code", flat=True).get(pk=plan_id),
        plan_version=prices.version,
        zone_code=Zone.objects.values_list("code", flat=True).get(pk=zone_id),
        charge=charge,
        sentences=explain(charge),
    )


def _plan_of(calling: str, *, at: datetime, plan_code: str | None) -> tuple[int, str]:
    reading = normalise_number(calling, numbering_plan())
    if plan_code is not None:
        plan_id = Plan.objects.filter(code=plan_code).values_list("pk", flat=True).first()
        if plan_id is None:
            known = ", ".join(Plan.objects.order_by("code").values_list("code", flat=True)[:20])
            raise PriceNotFound(
                gettext_noop("There is no plan “%(code)s”; plans are: %(known)s."),
                context={"code": plan_code, "known": known},
            )
        return plan_id, reading.number or calling
    if reading.message is not None:
        raise PriceNotFound(reading.message.msgid, context=dict(reading.message.params))
    holder = find_holder(reading.number, at=at)
    on = at.astimezone(clock.operator_zone()).date()
    found = find_plan_id(subscription_id=holder.subscription_id, on=on) if holder else None
    if found is None:
        raise PriceNotFound(
            gettext_noop("Nobody held %(number)s with a plan then: give a plan with --plan."),
            context={"number": reading.number},
        )
    return found, reading.number
