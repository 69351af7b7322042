"""What plans are made of, as people read it: windows of the week, services with their price of a day, bill items."""

from datetime import date

from django.db.models import OuterRef, Prefetch, QuerySet, Subquery

from tariffs.domain.window_lines import write_weekdays
from tariffs.models import BillItem, Feature, FeaturePrice, Window, WindowScheme

MINUTES_PER_HOUR = 60


def window_schemes() -> "QuerySet[WindowScheme]":
    """Return every scheme with its windows, in the order in which they open."""
    windows = Window.objects.order_by("opens_at_minute", "code")
    return WindowScheme.objects.prefetch_related(Prefetch("windows", queryset=windows))


def openings_of(scheme: WindowScheme) -> str:
    """Return the openings of a scheme as they are typed, with commas between them."""
    return "; ".join(
        f"{one.code} {write_weekdays(one.weekdays)}"
        f" {one.opens_at_minute // MINUTES_PER_HOUR:02d}:{one.opens_at_minute % MINUTES_PER_HOUR:02d}"
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
