"""Ceilings of prices, with the document that sets each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.ranges import date_period, days_from
from billing_site.db.transactions import durable
from billing_site.identity.models import User
from tariffs.models import PriceCeiling, Rate, UsageCategory, Zone
from tariffs.operations.amounts import check_amount
from tariffs.operations.codes import check_code_free, rows_by_code
from tariffs.operations.rate_checks import LARGEST_UNITS


class CeilingUnsound(BillingError):
    """It limits nothing, or has no document to show."""

    default_message = gettext_noop(
        "Ceiling %(code)s needs a document, a category of use or a zone but not both, a unit, and a quantity of 1 or "
        "more."
    )
    default_code = "CEILING_UNSOUND"


class CeilingPeriodEmpty(BillingError):
    """The end is not after the start."""

    default_message = gettext_noop("Ceiling %(code)s would hold from %(first)s and end before %(until)s.")
    default_code = "CEILING_PERIOD_EMPTY"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCeiling:
    """
    So many units cost at most ``maximum_price`` (major unit) from a day on; ``valid_until`` is the first day without.

    Exactly one of ``usage_category_code`` and ``zone_code`` is given; ``unit`` is one of ``Rate.Unit``.
    """

    code: str
    names: Mapping[str, str]
    document: str
    maximum_price: Decimal
    currency: str
    valid_from: date
    valid_until: date | None = None
    usage_category_code: str | None = None
    zone_code: str | None = None
    unit: str = "SECONDS"
    units: int = 60
    with_connect_fee: bool = True


@durable
def set_price_ceiling(*, ceiling: NewCeiling, actor: User | None) -> PriceCeiling:
    """
    Let a ceiling hold from a day on; plans approved before are not looked at again.

    :raises CodeTaken: if a ceiling has the code
    :raises CeilingUnsound: without document or unit, with no or two objects, or with less than one unit
    :raises CeilingPeriodEmpty: if it would hold on no day
    :raises UnknownCode: if there is no such category or zone
    :raises AmountTooPrecise: for more than six decimals
    :raises AmountOutOfRange: for a negative or huge price
    """
    new = ceiling
    check_code_free(PriceCeiling.objects.all(), new.code)
    is_of_one_kind = (new.usage_category_code is None) != (new.zone_code is None)
    is_sound = is_of_one_kind and new.unit in Rate.Unit.values and 0 < new.units <= LARGEST_UNITS
    if not is_sound or not new.document.strip():
        raise CeilingUnsound(context={"code": new.code})
    if new.valid_until is not None and new.valid_until <= new.valid_from:
        raise CeilingPeriodEmpty(context={"code": new.code, "first": new.valid_from, "until": new.valid_until})
    check_amount(new.maximum_price, name=new.code)
    categories = rows_by_code(UsageCategory.objects.all(), filter(None, [new.usage_category_code]))
    zones = rows_by_code(Zone.objects.all(), filter(None, [new.zone_code]))
    row = PriceCeiling.objects.create(
        code=new.code,
        names=dict(new.names),
        document=new.document.strip(),
        usage_category=categories[new.usage_category_code] if new.usage_category_code else None,
        zone=zones[new.zone_code] if new.zone_code else None,
        unit=new.unit,
        units=new.units,
        maximum_price=new.maximum_price,
        with_connect_fee=new.with_connect_fee,
        currency=new.currency,
        during=days_from(new.valid_from, new.valid_until),
    )
    changes = {"code": new.code, "document": row.document, "valid_from": new.valid_from.isoformat()}
    record("tariffs.set_price_ceiling", actor=actor, subject=row, changes=changes)
    return row


@durable
def end_price_ceiling(*, code: str, until: date, actor: User | None) -> PriceCeiling:
    """
    Let a ceiling hold no longer from a day on.

    :raises UnknownCode: if there is no such ceiling
    :raises CeilingPeriodEmpty: if no day would be left of it
    """
    row = rows_by_code(PriceCeiling.objects.select_for_update(of=("self",)), [code])[code]
    start = date_period(row.during).start
    if until <= start:
        raise CeilingPeriodEmpty(context={"code": code, "first": start, "until": until})
    row.during = days_from(start, until)
    row.save(update_fields=["during"])
    record("tariffs.end_price_ceiling", actor=actor, subject=row, changes={"until": until.isoformat()})
    return row
