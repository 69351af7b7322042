"""Discounts that accounts can be given."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.transactions import durable
from billing_site.identity.models import User
from tariffs.models import BillItem, Discount
from tariffs.operations.bill_items import PercentUnsound, check_percent
from tariffs.operations.codes import check_code_free, rows_by_code


class DiscountPositionTaken(BillingError):
    """Two discounts would be applied at the same place."""

    default_message = gettext_noop("Another discount stands at position %(position)s already.")
    default_code = "DISCOUNT_POSITION_TAKEN"


@durable
def create_discount(
    *,
    code: str,
    names: Mapping[str, str],
    percent: Decimal,
    bill_item_codes: Sequence[str],
    position: int,
    actor: User | None,
) -> Discount:
    """
    Create a percentage off certain bill items; discounts are applied in the order of their positions.

    :raises CodeTaken: if a discount has the code
    :raises PercentUnsound: for nothing, more than everything, or more than three decimals
    :raises UnknownCode: if a bill item does not exist
    :raises DiscountPositionTaken: if another stands at the position
    """
    check_code_free(Discount.objects.all(), code)
    if not check_percent(percent):
        raise PercentUnsound(context={"percent": str(percent)})
    items = rows_by_code(BillItem.objects.all(), bill_item_codes)
    if Discount.objects.filter(position=position).exists():
        raise DiscountPositionTaken(context={"position": position})
    discount = Discount.objects.create(code=code, names=dict(names), percent=percent, position=position)
    discount.bill_items.set(items.values())
    record("tariffs.create_discount", actor=actor, subject=discount, changes={"code": code, "percent": str(percent)})
    return discount
