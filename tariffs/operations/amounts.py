"""Amounts of a price list: at most six decimals, because rated usage is kept in millionths of the major unit."""

from decimal import Decimal

from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.money import MICRO_PLACES

# 18 digits with 6 decimals: what the columns hold.
LARGEST = Decimal(10) ** 12


class AmountTooPrecise(BillingError):
    """An amount has more decimals than a rated record can keep."""

    default_message = gettext_noop("%(name)s is %(amount)s: an amount has at most six decimals.")
    default_code = "AMOUNT_TOO_PRECISE"


class AmountOutOfRange(BillingError):
    """An amount is negative, not a number, or larger than its column."""

    default_message = gettext_noop("%(name)s is %(amount)s: an amount is zero or more and below a million million.")
    default_code = "AMOUNT_OUT_OF_RANGE"


def check_amount(value: Decimal, *, name: str) -> Decimal:
    """
    Return an amount of the major unit as it is, or refuse it by name.

    :param name: what the amount is, as the person who typed it knows it
    :raises AmountTooPrecise: for more than six decimals
    :raises AmountOutOfRange: for a negative, endless or huge one
    """
    if not value.is_finite() or not 0 <= value < LARGEST:
        raise AmountOutOfRange(context={"name": name, "amount": str(value)})
    if value.scaleb(MICRO_PLACES) % 1:
        raise AmountTooPrecise(context={"name": name, "amount": str(value)})
    return value
