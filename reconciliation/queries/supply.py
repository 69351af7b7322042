"""Reading the supply division's day and the centres' sales: sums that must agree, and what is in the way."""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from django.db.models import OuterRef, QuerySet, Subquery

from billing_site.db.sql import fetch_sql
from reconciliation.models import SupplyItem, SupplyPrice

Names = Mapping[str, str]


class SupplyLine(NamedTuple):
    """
    What a centre had, got and gave of an item on a day, in pieces.

    ``missing`` is what should be there less what was counted; nothing where nothing was counted.
    """

    centre_id: int
    centre: str
    centre_names: Names
    item: str
    item_names: Names
    kind: str
    opening: int
    issued: int
    sold: int
    returned: int
    written_off: int
    expected: int
    counted: int | None
    missing: int | None


class NumberGap(NamedTuple):
    """Numbers from ``first`` to ``last`` that are missing in a centre; below zero, there though they should not be."""

    centre: str
    centre_names: Names
    item: str
    item_names: Names
    first: str
    last: str
    missing: int


class SalesLine(NamedTuple):
    """A centre's sales of a day in minor units: at the price of the day, as booked, and as the till has them."""

    centre: str
    centre_names: Names
    quantity: int
    due_minor: int
    booked_minor: int
    till_minor: int

    @property
    def price_difference_minor(self) -> int:
        """What was booked less what the price of the day asks."""
        return self.booked_minor - self.due_minor

    @property
    def till_difference_minor(self) -> int:
        """What the till has less what was booked."""
        return self.till_minor - self.booked_minor


class SalesFault(NamedTuple):
    """
    A sale that is not as it should be; amounts of one piece in minor units.

    ``fault`` is NO_PRICE, OTHER_PRICE, NOT_IN_TILL or TILL_DIFFERS; ``paid_minor`` what was paid on its receipt.
    """

    fault: str
    centre: str
    centre_names: Names
    item: str
    item_names: Names
    sheet: str
    row: int
    first: str
    quantity: int
    due_minor: int | None
    taken_minor: int
    receipt: str
    paid_minor: int | None


def supply_lines(*, day: date, centre_id: int | None = None, only_missing: bool = False) -> tuple[SupplyLine, ...]:
    """Return the pieces of every centre and item on a day, or of one centre; perhaps only where the count differs."""
    lines = map(SupplyLine._make, _fetch("supply_day", day, centre_id, 2, 4))
    return tuple(line for line in lines if line.missing or not only_missing)


def missing_numbers(*, day: date, centre_id: int | None = None) -> tuple[NumberGap, ...]:
    """Return the numbers that are missing after the count of a day, or there though they should not be."""
    return tuple(map(NumberGap._make, _fetch("supply_numbers", day, centre_id, 1, 3)))


def sales_lines(*, day: date, centre_id: int | None = None) -> tuple[SalesLine, ...]:
    """Return the sales of every centre on a day, or of one."""
    return tuple(map(SalesLine._make, _fetch("sales_day", day, centre_id, 1)))


def sales_faults(*, day: date, centre_id: int | None = None) -> tuple[SalesFault, ...]:
    """Return the sales of a day at another price than the day's, or with a receipt that does not fit."""
    return tuple(map(SalesFault._make, _fetch("sales_faults", day, centre_id, 2, 4)))


def supply_items(*, on: date) -> QuerySet[SupplyItem]:
    """Return the items with ``price_minor``, their price on a day."""
    prices = SupplyPrice.objects.filter(item_id=OuterRef("pk"), valid_from__lte=on).order_by("-valid_from")
    return SupplyItem.objects.annotate(price_minor=Subquery(prices.values("price_minor")[:1]))


def _fetch(name: str, day: date, centre_id: int | None, *names_at: int) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a statement; the columns at ``names_at`` are names, which the database gives as text."""
    for row in fetch_sql("reconciliation", name, {"day": day, "centre_id": centre_id}):
        yield tuple(json.loads(value) if place in names_at else value for place, value in enumerate(row))
