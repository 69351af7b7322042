"""What plans are made of, as people read it: windows, services with their price of a day, bill items, tax."""

from datetime import date

from django.db.models import OuterRef, Prefetch, QuerySet, Subquery

from tariffs.domain.window_cells import write_opening, write_weekdays
from tariffs.models import BillItem, Feature, FeaturePrice, TaxCategory, TaxRate, Window, WindowScheme


def window_schemes() -> "QuerySet[WindowScheme]":
    """Return every scheme with its windows, in the order in which they open."""
    windows = Window.objects.order_by("opens_at_minute", "code")
    return WindowScheme.objects.prefetch_related(Prefetch("windows", queryset=windows))


def openings_of(scheme: WindowScheme) -> str:
    """Return the openings of a scheme as they are typed, with commas between them."""
    return "; ".join(
        f"{one.code} {write_weekdays(one.weekdays)} {write_opening(one.opens_at_minute)}"
        for one in scheme.windows.all()
    )


def features_on(*, on: date) -> "QuerySet[Feature]":
    """Return every service with ``amount`` and ``priced_from``: its price of a day and since when, or ``None``."""
    prices = FeaturePrice.objects.filter(feature=OuterRef("pk"), during__contains=on)
    return Feature.objects.select_related("bill_item").annotate(
        amount=Subquery(prices.values("amount")[:1]), priced_from=Subquery(prices.values("during__startswith")[:1])
    )


def bill_items() -> "QuerySet[BillItem]":
    """Return every bill item with its category of tax."""
    return BillItem.objects.select_related("tax_category")


def tax_categories_on(*, on: date) -> "QuerySet[TaxCategory]":
    """
    Return every category of tax with ``percent`` and ``rated_from``: its rate of a day and since when, or ``None``; and
    ``next_percent`` and ``next_from`` where the rate changes later.
    """
    rates = TaxRate.objects.filter(category=OuterRef("pk"))
    held = rates.filter(during__contains=on)
    later = rates.filter(during__startswith__gt=on).order_by("during")
    return TaxCategory.objects.annotate(
        percent=Subquery(held.values("percent")[:1]),
        rated_from=Subquery(held.values("during__startswith")[:1]),
        next_percent=Subquery(later.values("percent")[:1]),
        next_from=Subquery(later.values("during__startswith")[:1]),
    )


def rates_of_tax(category_id: int) -> "QuerySet[TaxRate]":
    """Return every rate of a category of tax."""
    return TaxRate.objects.filter(category_id=category_id)
