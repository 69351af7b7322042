"""Percentages and amounts off, by bill item and in a stated order."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from billing_site.core.money import round_half_up, split_by_weights
from invoicing.domain.bill_items import Discount
from invoicing.domain.tax import PPM


class DiscountBase(NamedTuple):
    """Where a discount applies: lines of one subscription, bill item, tax category and rate go together."""

    subscription_id: int | None
    bill_item_id: int
    tax_category_id: int
    tax_rate_ppm: int
    includes_tax: bool = False


class DiscountGiven(NamedTuple):
    """What a discount takes off one base; ``base_minor`` is what earlier discounts left of it."""

    discount: Discount
    base: DiscountBase
    base_minor: int
    amount_minor: int


def give_discounts(
    *, nets: Iterable[tuple[DiscountBase, int]], discounts: Sequence[Discount], unit: int = 1
) -> tuple[DiscountGiven, ...]:
    """
    Compute what each discount takes off, as positive minor units.

    A percentage is rounded half up once per base. An amount is taken once off all bases together, shared out by
    largest remainder, and what they do not come to is not given. No base goes below nothing.

    :param nets: net of every line with the base it belongs to, in the order of the bill; prices that include tax come
        with it, and what is taken off them includes it too
    :param discounts: in any order; they work by priority, then by id, each on what is left
    :param unit: micro units of a minor one
    """
    if not discounts:
        return ()
    left: dict[DiscountBase, int] = {}
    for base, net in nets:
        left[base] = left.get(base, 0) + net
    given = []
    for discount in sorted(discounts, key=_order):
        bases = [base for base, net in left.items() if net > 0 and _applies(discount, base)]
        for base, amount in zip(bases, _amounts(discount, [left[base] for base in bases], unit), strict=True):
            if amount:
                given.append(DiscountGiven(discount, base, left[base], amount))
                left[base] -= amount
    return tuple(given)


def _amounts(discount: Discount, nets: Sequence[int], unit: int) -> Sequence[int]:
    """Return what a discount takes off each of some nets above nothing."""
    if not discount.amount_micro:
        return [min(net, round_half_up(numerator=net * discount.rate_ppm, denominator=PPM)) for net in nets]
    amount = min(sum(nets), round_half_up(numerator=discount.amount_micro, denominator=unit))
    return split_by_weights(amount, nets) if nets else ()


def _order(discount: Discount) -> tuple[int, int]:
    return (discount.priority, discount.discount_id)


def _applies(discount: Discount, base: DiscountBase) -> bool:
    return (not discount.bill_item_ids or base.bill_item_id in discount.bill_item_ids) and (
        discount.subscription_id is None or discount.subscription_id == base.subscription_id
    )
