"""Which bill item usage goes into, and where none is said."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from billing_site.core.periods import DatePeriod
from tariffs.models import UsageCategory, UsageCategoryItem


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryOnDay:
    """A category with the item that its usage goes into on a day; ``None`` where there is none."""

    code: str
    names: dict[str, str]
    item_code: str | None
    item_names: dict[str, str] | None
    from_on: date | None


def unmapped_categories(*, period: DatePeriod) -> "QuerySet[UsageCategory]":
    """Return the categories that have no bill item on some day of a period, in order of their codes."""
    covering = RawSQL(
        "(SELECT coalesce(range_agg(i.during), '{}') @> daterange(%s, %s) FROM tariffs_usagecategoryitem i"
        " WHERE i.category_id = tariffs_usagecategory.id)",
        [period.start, period.until],
    )
    return UsageCategory.objects.annotate(is_covered=covering).filter(is_covered=False).order_by("code")


def categories_on(*, on: date) -> tuple[CategoryOnDay, ...]:
    """Return every category with its item on a day: those without an item first, then in order of codes."""
    held = {
        row.category_id: row
        for row in UsageCategoryItem.objects.filter(during__contains=on).select_related("bill_item")
    }
    found = []
    for category in UsageCategory.objects.order_by("code"):
        row = held.get(category.pk)
        found.append(
            CategoryOnDay(
                code=category.code,
                names=category.names,
                item_code=row.bill_item.code if row else None,
                item_names=row.bill_item.names if row else None,
                from_on=row.during.lower if row else None,
            )
        )
    return tuple(sorted(found, key=lambda one: one.item_code is not None))
