"""What totals of bills are rounded to."""

from decimal import Decimal

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.money import currency_digits
from billing_site.db.transactions import durable
from billing_site.identity.models import User
from tariffs.models import BillItem, CashRounding
from tariffs.operations.codes import rows_by_code


class CashUnitUnsound(BillingError):
    """Nothing, or finer than the currency."""

    default_message = gettext_noop("%(unit)s is nothing that totals in %(currency)s can be rounded to.")
    default_code = "CASH_UNIT_UNSOUND"


class RoundingTaxed(BillingError):
    """The difference would be taxed."""

    default_message = gettext_noop("Bill item %(item)s bears tax: take one whose tax category has a rate of nothing.")
    default_code = "ROUNDING_TAXED"


@durable
def set_cash_rounding(
    *, currency: str, unit: Decimal, mode: str, bill_item_code: str, actor: User | None
) -> CashRounding:
    """
    Let totals of bills of a currency be rounded, from the next bill run planned on.

    :param unit: in the major unit: 10 drams, 0.05 of a franc
    :param mode: one of ``CashRounding.Mode``
    :param bill_item_code: what the line of the difference is called; its tax category has no tax
    :raises UnknownCode: if the bill item does not exist
    :raises CashUnitUnsound: for nothing, a unit finer than the currency, or an unknown mode
    :raises RoundingTaxed: if the tax category of the item has a rate above nothing
    """
    item = rows_by_code(BillItem.objects.select_related("tax_category"), [bill_item_code])[bill_item_code]
    is_whole = unit.is_finite() and unit > 0 and not unit.scaleb(currency_digits(currency)) % 1
    if not is_whole or mode not in CashRounding.Mode.values:
        raise CashUnitUnsound(context={"unit": str(unit), "currency": currency})
    if item.tax_category.rates.filter(percent__gt=0).exists():
        raise RoundingTaxed(context={"item": bill_item_code})
    policy, _is_new = CashRounding.objects.update_or_create(
        currency=currency, defaults={"unit": unit, "mode": mode, "bill_item": item}
    )
    changes = {"currency": currency, "unit": str(unit), "mode": mode, "bill_item": bill_item_code}
    record("tariffs.set_cash_rounding", actor=actor, subject=policy, changes=changes)
    return policy
