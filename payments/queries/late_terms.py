"""What bills say of being paid late: the ladders that hold on a day, as days and fees."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date

from invoicing.queries.late_terms import LateTerms
from payments.domain.dunning import Action
from payments.models import DunningStep
from payments.queries.dunning_policies import LivePolicy, policies_on


def late_terms_on(on: date, currency: str) -> Mapping[str, LateTerms]:
    """Return the terms by category of the policies that hold on a day in a currency."""
    live = policies_on(on).by_category
    return {category: _terms(one) for category, one in live.items() if one.policy.currency == currency}


def _terms(live: LivePolicy) -> LateTerms:
    steps = [live.steps[n] for n in sorted(live.steps)]
    fee = next((step for step in steps if step.late_fee_minor), None)
    return LateTerms(
        minimum_minor=live.policy.minimum_minor,
        remind_after=_first(steps, lambda step: step.action == Action.REMINDER),
        fee_after=fee.after_days if fee else None,
        fee_minor=fee.late_fee_minor if fee else 0,
        bar_after=_first(steps, lambda step: step.action in {Action.RESTRICTION, Action.SUSPENSION}),
        reconnection_minor=live.policy.reconnection_fee_minor,
    )


def _first(steps: Iterable[DunningStep], is_wanted: Callable[[DunningStep], bool]) -> int | None:
    return next((step.after_days for step in steps if is_wanted(step)), None)
