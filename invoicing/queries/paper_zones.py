"""
What the use on a bill comes to by zone, where its calls are not listed one by one: by number, kind of use and item.

Where they are listed, the sums stand under the calls (``paper_calls``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db.models import Count, Sum

from billing_site.core.names import name_in
from invoicing.models import Invoice, InvoiceLine
from invoicing.queries.paper_calls import CallZone, charged_calls, numbers_used
from rating.domain.services import SERVICES_BY_CODE
from tariffs.models import Zone

# What makes one table: a number, a kind of use, a bill item.
TABLE = ("subscription_id", "service", "bill_item_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneSums:
    """The use of one number that one bill item charges, by zone: the dearest zone first."""

    service: str
    kind: str
    name: str
    zones: Sequence[CallZone]


def paper_zones(
    *, invoice: Invoice, lines: Sequence[InvoiceLine], reference: Mapping[str, Any], language: str
) -> tuple[ZoneSums, ...]:
    """
    Return the sums by zone (by country, where it went abroad) of every item that charges use of several zones.

    Free calls and helplines are in none, as on every list.

    :param reference: what the run froze, with the names of the bill items
    """
    calls = charged_calls(invoice=invoice, lines=lines)
    if calls is None:
        return ()
    sums = (
        calls.order_by()
        .values(*TABLE, "zone_id")
        .annotate(
            count=Count("*"), seconds=Sum("duration_seconds"), volume=Sum("volume_bytes"), micro=Sum("amount_micro")
        )
    )
    items, number_of = reference["bill_items"], numbers_used(lines)
    rows = sorted(sums, key=lambda row: _place(row, items))
    names = dict(Zone.objects.filter(pk__in={row["zone_id"] for row in rows}).values_list("pk", "names"))
    tables = [(key, list(members)) for key, members in groupby(rows, _table)]
    return tuple(
        ZoneSums(
            service=number_of[subscription],
            kind=str(SERVICES_BY_CODE[service]),
            name=name_in(items.get(str(item), {}).get("names", {}), language),
            zones=[_zone(row, names) for row in members],
        )
        for (subscription, service, item), members in tables
        if len(members) > 1
    )


def _table(row: Mapping[str, Any]) -> tuple[int, int, int]:
    return row["subscription_id"], row["service"], row["bill_item_id"]


def _place(row: Mapping[str, Any], items: Mapping[str, Any]) -> tuple[int, ...]:
    """Order by number, kind, place of the item on the bill, and then by what a zone costs."""
    position = int(items.get(str(row["bill_item_id"]), {}).get("position", 0))
    return (row["subscription_id"], row["service"], position, row["bill_item_id"], -row["micro"], row["zone_id"])


def _zone(row: Mapping[str, Any], names: Mapping[int, Mapping[str, str]]) -> CallZone:
    return CallZone(
        count=row["count"],
        duration_seconds=int(row["seconds"]),
        volume_bytes=int(row["volume"]),
        amount_micro=int(row["micro"]),
        zone_names=names.get(row["zone_id"], {}),
    )
