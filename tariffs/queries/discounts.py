"""Discounts, providers and roundings as people read them."""

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import OuterRef, QuerySet, Subquery, Value
from django.utils.translation import gettext_lazy as _

from tariffs.models import BillItem, CashRounding, Discount, Provider

DISCOUNT_KINDS = {
    Discount.Kind.PERCENT.value: _("A percentage"),
    Discount.Kind.AMOUNT.value: _("An amount a bill"),
    Discount.Kind.VOLUME.value: _("A percentage by the volume of the group"),
}
ROUNDING_MODES = {
    CashRounding.Mode.HALF_UP.value: _("To the nearest, halves up"),
    CashRounding.Mode.UP.value: _("Up"),
    CashRounding.Mode.DOWN.value: _("Down"),
}


def providers() -> "QuerySet[Provider]":
    """Return every provider with the codes of its bill items."""
    codes = (
        BillItem.objects.filter(provider=OuterRef("pk"))
        .order_by()
        .values("provider")
        .annotate(codes=StringAgg("code", delimiter=Value(", "), order_by="code"))
        .values("codes")
    )
    return Provider.objects.annotate(item_codes=Subquery(codes))
