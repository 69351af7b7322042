"""Features: extra services on a line, priced by the bill period."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.ranges import date_period, days_from
from billing_site.db.transactions import durable
from billing_site.identity.models import User
from tariffs.models import BillItem, Feature, FeaturePrice
from tariffs.operations.amounts import check_amount
from tariffs.operations.codes import check_code_free, rows_by_code


class FeaturePriceTooEarly(BillingError):
    """The price of a feature changes on that day or later already."""

    default_message = gettext_noop("The price of %(feature)s changes on %(first)s already: choose a later day.")
    default_code = "FEATURE_PRICE_TOO_EARLY"


@durable
def create_feature(
    *,
    code: str,
    names: Mapping[str, str],
    bill_item_code: str,
    actor: User | None,
    proration: str = "CALENDAR_DAYS",
    timing: str = "ARREARS",
    months: int = 1,
    end_proration: str = "SAME",
    change_proration: str = "SAME",
    suspended_percent: int = 100,
    amount: Decimal | None = None,
    valid_from: date | None = None,
) -> Feature:
    """
    Create a feature, with its first price where it has one; later ones are set by ``set_feature_price``.

    :param proration: one of ``Feature.Proration``: what a part of a period costs that begins with the line;
        ``end_proration`` and ``change_proration``, of theirs, may say SAME
    :param timing: one of ``Feature.Timing``
    :param months: length of the fee's period: 1, 2, 3, 6 or 12
    :param suspended_percent: what of the fee is charged while the line is suspended, 0 to 100
    :param amount: its price a period from ``valid_from`` on
    :raises AmountTooPrecise: for more than six decimals
    :raises AmountOutOfRange: for a negative or huge one
    :raises CodeTaken: if a feature has the code
    :raises UnknownCode: if there is no such bill item
    """
    if amount is not None:
        check_amount(amount, name=code)
    check_code_free(Feature.objects.all(), code)
    item = rows_by_code(BillItem.objects.all(), [bill_item_code])[bill_item_code]
    feature = Feature.objects.create(
        code=code,
        names=dict(names),
        bill_item=item,
        proration=proration,
        timing=timing,
        months=months,
        end_proration=end_proration,
        change_proration=change_proration,
        suspended_percent=suspended_percent,
    )
    changes = {"code": code}
    if amount is not None:
        FeaturePrice.objects.create(feature=feature, amount=amount, during=days_from(valid_from))
        changes |= {"amount": str(amount), "valid_from": valid_from.isoformat() if valid_from else ""}
    record("tariffs.create_feature", actor=actor, subject=feature, changes=changes)
    return feature


@durable
def set_feature_price(*, feature_code: str, amount: Decimal, valid_from: date, actor: User | None) -> FeaturePrice:
    """
    Let a price a bill period hold from a day on; the one before it ends there.

    :raises AmountTooPrecise: for more than six decimals
    :raises AmountOutOfRange: for a negative or huge one
    :raises UnknownCode: if there is no such feature
    :raises FeaturePriceTooEarly: if the price changes on that day or later already
    """
    check_amount(amount, name=feature_code)
    feature = rows_by_code(Feature.objects.select_for_update(no_key=True), [feature_code])[feature_code]
    for other in feature.prices.filter(during__overlap=days_from(valid_from)).order_by("during"):
        if date_period(other.during).start >= valid_from:
            raise FeaturePriceTooEarly(context={"feature": feature_code, "first": date_period(other.during).start})
        other.during = days_from(date_period(other.during).start, valid_from)
        other.save(update_fields=["during"])
    price = FeaturePrice.objects.create(feature=feature, amount=amount, during=days_from(valid_from))
    changes = {"amount": str(amount), "valid_from": valid_from.isoformat()}
    record("tariffs.set_feature_price", actor=actor, subject=feature, changes=changes)
    return price
