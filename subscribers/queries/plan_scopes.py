"""Who had a plan in given periods of each bill cycle: how many, and how to cut them into pieces."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from billing_site.core.periods import DatePeriod
from billing_site.db.sql import fetch_sql


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanScope:
    """
    The subscriptions that had a plan on some day of their cycle's period.

    ``cuts`` are accounts: each is the last one of its piece; after the last cut comes one piece more.
    """

    subscription_count: int
    cuts: tuple[int, ...]


def scope_parameters(*, plan_id: int, periods: Mapping[int, DatePeriod]) -> dict[str, Any]:
    """Return the parameters of statements about a plan in the periods of cycles: plan_id, cycles, firsts, untils."""
    cycles = sorted(periods)
    return {
        "plan_id": plan_id,
        "cycles": cycles,
        "firsts": [periods[cycle].start for cycle in cycles],
        "untils": [periods[cycle].until for cycle in cycles],
    }


def find_plan_scope(*, plan_id: int, periods: Mapping[int, DatePeriod], per_piece: int) -> PlanScope:
    """
    Return who had a plan.

    :param periods: by bill cycle, each with an end
    :param per_piece: subscriptions of a piece, about
    """
    parameters = scope_parameters(plan_id=plan_id, periods=periods)
    ((count, _),) = fetch_sql("subscribers", "plan_scope", {**parameters, "shares": []})
    pieces = -(-count // per_piece)
    if pieces <= 1:
        return PlanScope(subscription_count=count, cuts=())
    shares = [at / pieces for at in range(1, pieces)]
    ((_, cuts),) = fetch_sql("subscribers", "plan_scope", {**parameters, "shares": shares})
    return PlanScope(subscription_count=count, cuts=tuple(sorted(set(cuts))))


def count_in_scope(parameters: Mapping[str, Any]) -> int:
    """
    Return how many subscriptions of a range of accounts had the plan.

    :param parameters: of ``scope_parameters``, with first_account and last_account
    """
    ((count,),) = fetch_sql("subscribers", "plan_scope_count", parameters)
    return int(count)
