"""The price of one use as it is asked at a counter: on the day that was asked for, and today."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from billing_site.core.errors import BillingError
from billing_site.core.quantities import Unit
from rating.domain.services import Service
from rating.queries.prices import PricedCall, look_up_price
from tariffs.models import PlanVersion, Rate, Zone


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceQuestion:
    """
    What is asked: a use of a service at ``at`` (with a zone), of ``duration_seconds`` and of what ``quantities`` say
    besides (bytes, events, money in micro units); ``called`` is as dialled, or the name of a point.

    Plan and customer category are those of the holder of ``calling`` unless given; a number or a plan is given.
    """

    calling: str
    called: str
    at: datetime
    duration_seconds: int
    plan_code: str | None = None
    category: str | None = None
    service: Service = Service.VOICE
    quantities: Mapping[Unit, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceAnswer:
    """A looked-up price at an instant with the names a reader knows; or the refusal that says why there is none."""

    at: datetime
    priced: PricedCall | None = None
    refusal: BillingError | None = None
    plan_names: Mapping[str, str]
    zone_names: Mapping[str, str]
    rate_code: str = ""
    currency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceAnswers:
    """The answer for the instant that was asked, and for the same time of today where that is another day."""

    asked: PriceAnswer
    now: PriceAnswer | None = None

    @property
    def difference_micro(self) -> int | None:
        """What the call costs more today (less: negative), in micro units; ``None`` where one of the prices lacks."""
        if self.now is None or self.now.priced is None or self.asked.priced is None:
            return None
        return self.now.priced.charge.amount_micro - self.asked.priced.charge.amount_micro


def answer_price(question: PriceQuestion, *, today_at: datetime | None = None) -> PriceAnswers:
    """
    Return what a use costs before allowances, with the reasons, when asked and, if given, at an instant of today.

    A refusal (no such number, nobody's number, no zone, no rate) is an answer, not an error: the page shows it where
    the price would stand.
    """
    return PriceAnswers(
        asked=_answer(question, at=question.at),
        now=None if today_at is None else _answer(question, at=today_at),
    )


def _answer(question: PriceQuestion, *, at: datetime) -> PriceAnswer:
    try:
        priced = look_up_price(
            calling=question.calling,
            called=question.called,
            at=at,
            duration_seconds=question.duration_seconds,
            plan_code=question.plan_code,
            category=question.category,
            service=question.service,
            quantities=question.quantities,
        )
    except BillingError as refusal:
        return PriceAnswer(at=at, refusal=refusal, plan_names={}, zone_names={})
    version = PlanVersion.objects.select_related("plan").get(pk=priced.charge.plan_version_id)
    zone = Zone.objects.get(pk=priced.charge.zone_id)
    rate = Rate.objects.filter(pk=priced.charge.rate_id).first() if priced.charge.rate_id else None
    return PriceAnswer(
        at=at,
        priced=priced,
        plan_names=version.plan.names,
        zone_names=zone.names,
        rate_code=rate.code if rate else "",
        currency=version.currency,
    )
