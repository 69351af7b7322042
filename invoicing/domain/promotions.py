"""
Promotion credits: what is given back of charges, and never more than they are.

They come after the charges and the percentage discounts and before the tax, in the order of their positions, each on
what the earlier ones left. A credit is a net before tax, in whole minor units, of one subscription and one bill
period; nothing that is not used up is paid out, carried over or set against another charge.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from billing_site.core.money import round_half_up, split_by_weights
from billing_site.core.periods import DatePeriod
from invoicing.domain.bill_items import LineKind, Promotion
from invoicing.domain.discounts import DiscountBase
from invoicing.domain.tax import PPM
from tariffs.domain.promotions import PromotionKind, holds_for

_UP_TO_RENT, _AMOUNT = PromotionKind.CREDIT_CALLS_UP_TO_RENT, PromotionKind.AMOUNT_FOR_MONTHS


class Charge(NamedTuple):
    """A line of the bill that may be given back in part: what discounts left of it, in minor units."""

    kind: LineKind
    base: DiscountBase
    start_on: date
    left_minor: int


class PromotionGiven(NamedTuple):
    """
    What a promotion gives back on one base.

    ``base_minor`` is what it could have given back in all, ``limit_minor`` the rent that bounds it (``None`` where
    nothing does), ``given_minor`` what it gives in all, and ``amount_minor`` the part of that on this base.
    """

    promotion: Promotion
    base: DiscountBase
    period: DatePeriod
    base_minor: int
    limit_minor: int | None
    given_minor: int
    amount_minor: int


def give_promotions(
    *, charges: Sequence[Charge], promotions: Sequence[Promotion], periods: Sequence[DatePeriod], unit: int
) -> tuple[PromotionGiven, ...]:
    """
    Compute what promotions give back, as positive minor units.

    :param charges: every charge of the bill in its order
    :param promotions: in any order; they work by priority, then by agreement
    :param periods: the bill periods that the bill covers, in order; a charge belongs to the one that holds its first
        day, and a charge of another period is not given back
    :param unit: micro units of a minor one
    """
    left = [charge.left_minor for charge in charges]
    given: list[PromotionGiven] = []
    for period in periods:
        members = [at for at, charge in enumerate(charges) if period.contains(charge.start_on)]
        for promotion in sorted(promotions, key=lambda one: (one.priority, one.agreement_id)):
            if holds_for(during=promotion.during, bill_period=period):
                for group in _groups(promotion, charges, members):
                    given.extend(_give(promotion, charges, group, left, period=period, unit=unit))
    return tuple(given)


def _groups(promotion: Promotion, charges: Sequence[Charge], members: Sequence[int]) -> Iterator[list[int]]:
    """
    Yield the charges that stand together, subscription by subscription.

    An amount that was promised to an account as a whole counts once for all its subscriptions.
    """
    own = [
        at
        for at in members
        if promotion.subscription_id is None or charges[at].base.subscription_id == promotion.subscription_id
    ]
    if promotion.kind is _AMOUNT:
        yield own
        return
    for subscription in dict.fromkeys(charges[at].base.subscription_id for at in own):
        yield [at for at in own if charges[at].base.subscription_id == subscription]


def _give(
    promotion: Promotion,
    charges: Sequence[Charge],
    group: Sequence[int],
    left: list[int],
    *,
    period: DatePeriod,
    unit: int,
) -> Iterator[PromotionGiven]:
    """Yield what is given back on each base of a group, and take it from what is left."""
    is_calls_only = promotion.kind is _UP_TO_RENT
    credited = [
        at
        for at in group
        if charges[at].base.bill_item_id in promotion.credited_item_ids
        and (not is_calls_only or charges[at].kind is LineKind.USAGE)
    ]
    total = max(0, sum(left[at] for at in credited))
    limit = max(0, sum(left[at] for at in group if _is_rent(promotion, charges[at]))) if is_calls_only else None
    amount = _amount(promotion, total=total, limit=limit, unit=unit)
    if not amount:
        return
    # Charges below nothing (corrections) lower the total, and nothing is given back on them.
    shares = split_by_weights(amount, [max(0, left[at]) for at in credited])
    on_base: dict[DiscountBase, int] = {}
    for at, share in zip(credited, shares, strict=True):
        left[at] -= share
        on_base[charges[at].base] = on_base.get(charges[at].base, 0) + share
    for base, part in on_base.items():
        if part:
            yield PromotionGiven(promotion, base, period, total, limit, amount, part)


def _is_rent(promotion: Promotion, charge: Charge) -> bool:
    return charge.kind is LineKind.RECURRING and charge.base.bill_item_id in promotion.rent_item_ids


def _amount(promotion: Promotion, *, total: int, limit: int | None, unit: int) -> int:
    if limit is not None:
        return min(total, limit)
    if promotion.kind is _AMOUNT:
        return min(total, round_half_up(numerator=promotion.amount_micro, denominator=unit))
    return min(total, round_half_up(numerator=total * promotion.rate_ppm, denominator=PPM))
