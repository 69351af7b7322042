"""Discounts that accounts can be given."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.transactions import durable
from billing_site.identity.models import User
from tariffs.models import BillItem, Discount, DiscountStep
from tariffs.operations.amounts import check_amount
from tariffs.operations.bill_items import PercentUnsound, check_percent
from tariffs.operations.codes import check_code_free, rows_by_code


class DiscountFiguresUnsound(BillingError):
    """None of the three figures, or more than one; steps that are not steps."""

    default_message = gettext_noop(
        "A discount is a percentage, an amount above nothing, or steps by volume that each begin elsewhere: one of the"
        " three."
    )
    default_code = "DISCOUNT_FIGURES_UNSOUND"


class DiscountPositionTaken(BillingError):
    """Two discounts would be applied at the same place."""

    default_message = gettext_noop("Another discount stands at position %(position)s already.")
    default_code = "DISCOUNT_POSITION_TAKEN"


@durable
def create_discount(
    *,
    code: str,
    names: Mapping[str, str],
    bill_item_codes: Sequence[str],
    position: int,
    actor: User | None,
    percent: Decimal | None = None,
    amount: Decimal | None = None,
    steps: Sequence[tuple[Decimal, Decimal]] = (),
) -> Discount:
    """
    Create something off certain bill items (all where none is named); discounts are applied in the order of their
    positions.

    :param percent: a percentage of each item
    :param amount: in the major unit, off every bill
    :param steps: pairs of a volume (net charges of a customer group in the bill period before) and the percentage from
        there on; only groups have them
    :raises DiscountFiguresUnsound: unless exactly one of the three is given
    :raises AmountTooPrecise: for more than six decimals; ``AmountOutOfRange`` for a negative or huge amount
    :raises CodeTaken: if a discount has the code
    :raises PercentUnsound: for nothing, more than everything, or more than three decimals
    :raises UnknownCode: if a bill item does not exist
    :raises DiscountPositionTaken: if another stands at the position
    """
    check_code_free(Discount.objects.all(), code)
    kind = _kind_of(code, percent, amount, steps)
    items = rows_by_code(BillItem.objects.all(), bill_item_codes)
    if Discount.objects.filter(position=position).exists():
        raise DiscountPositionTaken(context={"position": position})
    discount = Discount.objects.create(
        code=code, names=dict(names), kind=kind, percent=percent, amount=amount, position=position
    )
    discount.bill_items.set(items.values())
    DiscountStep.objects.bulk_create(
        DiscountStep(discount=discount, volume_from=volume, percent=share) for volume, share in sorted(steps)
    )
    figures = {"percent": str(percent or ""), "amount": str(amount or ""), "steps": len(steps)}
    record("tariffs.create_discount", actor=actor, subject=discount, changes={"code": code, **figures})
    return discount


def _kind_of(
    code: str, percent: Decimal | None, amount: Decimal | None, steps: Sequence[tuple[Decimal, Decimal]]
) -> Discount.Kind:
    """Return the kind that the figures make, or refuse them."""
    if (percent is not None) + (amount is not None) + bool(steps) != 1:
        raise DiscountFiguresUnsound
    for share in (*(() if percent is None else (percent,)), *(share for _volume, share in steps)):
        if not check_percent(share):
            raise PercentUnsound(context={"percent": str(share)})
    for figure in (*(() if amount is None else (amount,)), *(volume for volume, _share in steps)):
        check_amount(figure, name=code)
    if amount == 0 or len({volume for volume, _share in steps}) != len(steps):
        raise DiscountFiguresUnsound
    if steps:
        return Discount.Kind.VOLUME
    return Discount.Kind.PERCENT if percent is not None else Discount.Kind.AMOUNT
