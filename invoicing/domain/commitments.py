"""
Minimum commitments: what a line pays at the least in a bill period, and what is missing to it.

They come after the discounts and promotion credits, so that what was given away does not count as paid, and before
what contracts bring. The amount is a net; of a period in which the commitment holds on some days only, it is the part
by calendar days, rounded half up once. Parts of one line and bill (a plan was changed, a bill covers two periods) are
added and compared once with everything that counts towards any of them.
"""

from collections.abc import Sequence
from typing import NamedTuple

from billing_site.core.money import round_half_up
from invoicing.domain.bill_items import CommitmentPart
from invoicing.domain.promotions import Charge
from invoicing.domain.tax import net_in


class Shortfall(NamedTuple):
    """
    What is missing to the commitments of one subscription, in minor units.

    ``part`` is the last of its parts and names the bill item; ``days`` of ``of_days`` are those of that part.
    """

    part: CommitmentPart
    due_minor: int
    counted_minor: int
    days: int
    of_days: int

    @property
    def missing_minor(self) -> int:
        """What is charged; nothing where enough was used."""
        return max(0, self.due_minor - self.counted_minor)


def find_shortfalls(*, charges: Sequence[Charge], parts: Sequence[CommitmentPart], unit: int) -> tuple[Shortfall, ...]:
    """
    Return what is missing, subscription by subscription in the order of the parts.

    :param charges: what discounts and promotions left of every charge of the bill
    :param unit: micro units of a minor one
    """
    by_subscription: dict[int, list[CommitmentPart]] = {}
    for part in parts:
        by_subscription.setdefault(part.subscription_id, []).append(part)
    found = (_shortfall(own, charges, unit) for own in by_subscription.values())
    return tuple(one for one in found if one.missing_minor)


def _shortfall(parts: Sequence[CommitmentPart], charges: Sequence[Charge], unit: int) -> Shortfall:
    last = parts[-1]
    counts_all = any(not part.counted_item_ids for part in parts)
    items = frozenset[int]().union(*(part.counted_item_ids for part in parts))
    counted = sum(
        _net_left(charge)
        for charge in charges
        if charge.base.subscription_id == last.subscription_id and (counts_all or charge.base.bill_item_id in items)
    )
    return Shortfall(last, sum(_due(part, unit) for part in parts), counted, *_days(last))


def _net_left(charge: Charge) -> int:
    if not charge.base.includes_tax:
        return charge.left_minor
    return net_in(gross_minor=charge.left_minor, rate_ppm=charge.base.tax_rate_ppm)


def _due(part: CommitmentPart, unit: int) -> int:
    days, of_days = _days(part)
    return round_half_up(numerator=part.amount_micro * days, denominator=of_days * unit)


def _days(part: CommitmentPart) -> tuple[int, int]:
    return (part.until_on - part.start_on).days, (part.period_until_on - part.period_start_on).days
