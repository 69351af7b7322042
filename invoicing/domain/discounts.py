"""Percentages off, by bill item and in a stated order."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from billing_site.core.money import round_half_up
from invoicing.domain.bill_items import Discount
from invoicing.domain.tax import PPM


class DiscountBase(NamedTuple):
    """Where a discount applies: lines of one subscription, bill item, tax category and rate go together."""

    subscription_id: int | None
    bill_item_id: int
    tax_category_id: int
    tax_rate_ppm: int


class DiscountGiven(NamedTuple):
    """What a discount takes off one base; ``base_minor`` is what earlier discounts left of it."""

    discount: Discount
    base: DiscountBase
    base_minor: int
    amount_minor: int


def give_discounts(
    *, nets: Iterable[tuple[DiscountBase, int]], discounts: Sequence[Discount]
) -> tuple[DiscountGiven, ...]:
    """
    Compute what each discount takes off, as positive minor units, rounded half up once per base.

    :param nets: net of every line with the base it belongs to, in the order of the bill
    :param discounts: in any order; they work by priority, then by id, each on what is left
    """
    if not discounts:
        return ()
    left: dict[DiscountBase, int] = {}
    for base, net in nets:
        left[base] = left.get(base, 0) + net
    given = []
    for discount in sorted(discounts, key=_order):
        for base, net in left.items():
            if net > 0 and _applies(discount, base):
                amount = min(net, round_half_up(numerator=net * discount.rate_ppm, denominator=PPM))
                if amount:
                    given.append(DiscountGiven(discount, base, net, amount))
                    left[base] = net - amount
    return tuple(given)


def _order(discount: Discount) -> tuple[int, int]:
    return (discount.priority, discount.discount_id)


def _applies(discount: Discount, base: DiscountBase) -> bool:
    return (not discount.bill_item_ids or base.bill_item_id in discount.bill_item_ids) and (
        discount.subscription_id is None or discount.subscription_id == base.subscription_id
    )
