"""
How plans are used, asked of the apps above without knowing them.

They say who answers in ``AppConfig.ready``, as with the menu. Without an answer nobody uses a plan.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date

HolderCount = Callable[[Collection[int], date], Mapping[int, int]]
ZoneCallCount = Callable[[int, date, date], Mapping[int, int]]
BilledUntil = Callable[[int], date | None]
Revenue = Callable[[Collection[int], date], Mapping[int, int]]


@dataclass(slots=True)
class _Answers:
    holders: HolderCount | None = None
    zone_calls: ZoneCallCount | None = None
    billed_until: BilledUntil | None = None
    revenue: Revenue | None = None


_answers = _Answers()


def answer_plan_uses(
    *,
    holders: HolderCount | None = None,
    zone_calls: ZoneCallCount | None = None,
    billed_until: BilledUntil | None = None,
    revenue: Revenue | None = None,
) -> None:
    """
    Say who answers; what is left out stays as it is.

    :param holders: of plan ids and a day: subscriptions by plan
    :param zone_calls: of a plan id, a first day and the day after the last: calls by zone
    :param billed_until: of a plan id: the first day that no posted bill covers
    :param revenue: of plan ids and a month: what bills charge by plan, net, in minor units
    """
    _answers.holders = holders or _answers.holders
    _answers.zone_calls = zone_calls or _answers.zone_calls
    _answers.billed_until = billed_until or _answers.billed_until
    _answers.revenue = revenue or _answers.revenue


def count_holders(plan_ids: Collection[int], *, on: date) -> Mapping[int, int]:
    """Return how many subscriptions have each plan on a day; a plan that nobody has may be left out."""
    return _answers.holders(plan_ids, on) if _answers.holders and plan_ids else {}


def count_zone_calls(*, plan_id: int, first: date, until: date) -> Mapping[int, int]:
    """Return how many calls of a plan went to each zone (by id) on the days from ``first`` up to ``until``."""
    return _answers.zone_calls(plan_id, first, until) if _answers.zone_calls else {}


def billed_until(plan_id: int) -> date | None:
    """Return the first day of a plan that no posted bill covers, or ``None`` if nothing was billed."""
    return _answers.billed_until(plan_id) if _answers.billed_until else None


def revenue_of_plans(plan_ids: Collection[int], *, month: date) -> Mapping[int, int]:
    """Return what the bills of a month charge for each plan, net, in minor units; a plan without may be left out."""
    return _answers.revenue(plan_ids, month) if _answers.revenue and plan_ids else {}
