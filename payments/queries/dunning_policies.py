"""Dunning policies: those that hold, as values; and their pages' lists."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from payments.domain.dunning import Action, Ladder, Rung
from payments.models import DunningPolicy, DunningStep


@dataclass(frozen=True, slots=True, kw_only=True)
class LivePolicy:
    """A policy that holds on a day, with its ladder as a value and its steps by place."""

    policy: DunningPolicy
    ladder: Ladder
    steps: Mapping[int, DunningStep]


@dataclass(frozen=True, slots=True, kw_only=True)
class LivePolicies:
    """Every policy that holds on a day."""

    by_category: Mapping[str, LivePolicy]

    def policy_for(self, *, category: str, currency: str) -> LivePolicy | None:
        """Return the policy of a category, else the one for all; ``None`` where it is of another currency."""
        found = self.by_category.get(category) or self.by_category.get("")
        return found if found is not None and found.policy.currency == currency else None


def policies_on(day: date) -> LivePolicies:
    """Return the policies that hold on a day."""
    held = DunningPolicy.objects.filter(state=DunningPolicy.State.PUBLISHED, during__contains=day)
    return LivePolicies(by_category={policy.category: _live(policy) for policy in held.prefetch_related("steps")})


def dunning_policies() -> QuerySet[DunningPolicy]:
    """Return all policies, the latest first."""
    return DunningPolicy.objects.select_related("created_by", "published_by", "fee_item").order_by("-id")


def find_dunning_policy(policy_id: int) -> DunningPolicy | None:
    """Return a policy, or ``None``."""
    return dunning_policies().filter(pk=policy_id).first()


def steps_of_policy(policy_id: int) -> QuerySet[DunningStep]:
    """Return the steps of a policy in their order."""
    return DunningStep.objects.filter(policy_id=policy_id).order_by("n")


def _live(policy: DunningPolicy) -> LivePolicy:
    steps = sorted(policy.steps.all(), key=lambda step: step.n)
    rungs = [
        Rung(
            n=step.n,
            after_days=step.after_days,
            minimum_minor=step.minimum_minor,
            action=Action(step.action),
            step_id=step.pk,
        )
        for step in steps
    ]
    ladder = Ladder(
        policy_id=policy.pk,
        minimum_minor=policy.minimum_minor,
        grace_days=policy.grace_days,
        excludes_key=policy.excludes_key,
        rungs=rungs,
    )
    return LivePolicy(policy=policy, ladder=ladder, steps={step.n: step for step in steps})
