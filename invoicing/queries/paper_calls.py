"""
The itemised part of a bill: its calls by number, kind of use and bill item, masked unless the subscriber wished
otherwise, with what they come to by item and by day.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any, Self, TypeVar

from django.db.models import QuerySet

from billing_site.core import clock
from billing_site.core.names import name_in
from invoicing.models import Invoice, InvoiceLine
from rating.domain.services import SERVICES_BY_CODE
from rating.models import RatedUsage
from rating.queries.call_lists import Criteria, list_calls

T = TypeVar("T")

# Late calls of a bill began before its period: further back than this none is rated.
LATEST_DAYS = 92
ONE_DAY = timedelta(days=1)
# More than this is no longer read on paper: the call list is made as a file instead.
MOST_CALLS = 5_000
BLOCK_ROWS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSum:
    """What some calls come to."""

    count: int
    duration_seconds: int
    volume_bytes: int
    amount_micro: int

    @classmethod
    def of(cls, rows: Iterable[RatedUsage], **more: Any) -> Self:
        """Add calls up."""
        figures = [(row.duration_seconds, row.volume_bytes, row.amount_micro) for row in rows]
        return cls(
            count=len(figures),
            duration_seconds=sum(seconds for seconds, _volume, _micro in figures),
            volume_bytes=sum(volume for _seconds, volume, _micro in figures),
            amount_micro=sum(micro for _seconds, _volume, micro in figures),
            **more,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CallItem(CallSum):
    """
    The calls that one bill item charges, in order of time; in blocks that a page keeps together.

    Their sums by zone (by country, where they went abroad) are there where there are several.
    """

    name: str
    blocks: Sequence[Sequence[RatedUsage]]
    zones: Sequence["CallZone"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallZone(CallSum):
    """What the calls to one zone come to."""

    zone_names: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallDay(CallSum):
    """What the calls that began on one day come to."""

    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CallGroup(CallSum):
    """The calls of one number and kind of use by bill item, and their sums by day, in blocks as well."""

    service: str
    kind: str
    items: Sequence[CallItem]
    day_blocks: Sequence[Sequence[CallDay]]

    @property
    def days(self) -> Sequence[CallDay]:
        """The sums by day, in order."""
        return [day for block in self.day_blocks for day in block]

    @property
    def row_count(self) -> int:
        """How many rows it has on paper, heads and sums with them."""
        heads = sum(4 + len(item.zones) + bool(item.zones) for item in self.items)
        return self.count + heads + len(self.days) + 5


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperCalls:
    """The itemised part; ``is_cut`` says that there are too many calls for paper, and none is listed."""

    groups: Sequence[CallGroup] = ()
    is_cut: bool = False
    is_masked: bool = True


def paper_calls(
    *,
    invoice: Invoice,
    lines: Sequence[InvoiceLine],
    reference: Mapping[str, Any],
    language: str,
    has_whole_numbers: bool,
) -> PaperCalls:
    """
    Return the calls that the usage lines of a bill charge; free calls and helplines stand on no list.

    :param reference: what the run froze, with the names of the bill items
    """
    calls = charged_calls(invoice=invoice, lines=lines, is_whole=has_whole_numbers)
    if calls is None:
        return PaperCalls(is_masked=not has_whole_numbers)
    number_of = numbers_used(lines)
    rows = list(calls.order_by("subscription_id", "service", "start_at", "duplicate_key", "revision")[: MOST_CALLS + 1])
    if len(rows) > MOST_CALLS:
        return PaperCalls(is_cut=True, is_masked=not has_whole_numbers)
    items = reference["bill_items"]
    return PaperCalls(
        groups=tuple(
            _group(number_of[subscription], service, list(members), items, language)
            for (subscription, service), members in groupby(rows, lambda row: (row.subscription_id, row.service))
        ),
        is_masked=not has_whole_numbers,
    )


def charged_calls(
    *, invoice: Invoice, lines: Sequence[InvoiceLine], is_whole: bool = False
) -> QuerySet[RatedUsage] | None:
    """
    Return the calls that the usage lines of a bill charge, in no order, or ``None`` where it has no such line.

    :param is_whole: called numbers are disclosed to the reader
    """
    periods = {line.period_from for line in _usage_of(lines) if line.period_from is not None}
    ids = sorted(numbers_used(lines))
    if not ids:
        return None
    criteria = Criteria(first=invoice.period_from - timedelta(days=LATEST_DAYS), last=invoice.period_until - ONE_DAY)
    return list_calls(subscription_ids=ids, criteria=criteria, is_whole=is_whole).filter(
        bill_period__in=periods, corrects__isnull=True
    )


def numbers_used(lines: Iterable[InvoiceLine]) -> dict[int, str]:
    """Return the numbers whose use a bill charges, by id of their subscription."""
    return {line.subscription_id: line.service for line in _usage_of(lines) if line.subscription_id is not None}


def _usage_of(lines: Iterable[InvoiceLine]) -> list[InvoiceLine]:
    return [line for line in lines if line.kind == InvoiceLine.Kind.USAGE and line.subscription_id is not None]


def _group(number: str, service: int, rows: Sequence[RatedUsage], items: Mapping[str, Any], language: str) -> CallGroup:
    """Put the calls of a number and kind of use, in order of time, together by item and by day."""
    zone = clock.operator_zone()
    place_of = {item: int(items.get(str(item), {}).get("position", 0)) for item in {row.bill_item_id for row in rows}}
    by_item = sorted(rows, key=lambda row: (place_of[row.bill_item_id], row.bill_item_id))
    by_day = groupby(rows, lambda row: row.start_at.astimezone(zone).date())
    return CallGroup.of(
        rows,
        service=number,
        kind=str(SERVICES_BY_CODE[service]),
        items=tuple(
            _item(name_in(items.get(str(item), {}).get("names", {}), language), list(members))
            for item, members in groupby(by_item, lambda row: row.bill_item_id)
        ),
        day_blocks=_blocks([CallDay.of(members, on=day) for day, members in by_day]),
    )


def _item(name: str, rows: Sequence[RatedUsage]) -> CallItem:
    by_zone: dict[int, list[RatedUsage]] = defaultdict(list)
    for row in rows:
        by_zone[row.zone_id].append(row)
    zones = [
        CallZone.of(members, zone_names=getattr(members[0], "zone_names", None) or {}) for members in by_zone.values()
    ]
    return CallItem.of(rows, name=name, blocks=_blocks(rows), zones=zones if len(zones) > 1 else ())


def _blocks(rows: Sequence[T]) -> tuple[Sequence[T], ...]:
    return tuple(rows[at : at + BLOCK_ROWS] for at in range(0, len(rows), BLOCK_ROWS))
