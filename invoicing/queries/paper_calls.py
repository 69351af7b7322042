"""The itemised part of a bill: its calls by number and kind of use, masked unless the subscriber wished otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

from invoicing.models import Invoice, InvoiceLine
from rating.domain.services import SERVICES_BY_CODE
from rating.models import RatedUsage
from rating.queries.call_lists import Criteria, list_calls

# Late calls of a bill began before its period: further back than this none is rated.
LATEST_DAYS = 92
ONE_DAY = timedelta(days=1)
# More than this is no longer read on paper: the call list is made as a file instead.
MOST_CALLS = 5_000
BLOCK_ROWS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class CallGroup:
    """
    The calls of one number and kind of use, in order of time, with their sums; in blocks that a page keeps together.
    """

    service: str
    kind: str
    blocks: Sequence[Sequence[RatedUsage]]
    count: int
    duration_seconds: int
    volume_bytes: int
    amount_micro: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperCalls:
    """The itemised part; ``is_cut`` says that there are too many calls for paper, and none is listed."""

    groups: Sequence[CallGroup] = ()
    is_cut: bool = False
    is_masked: bool = True


def paper_calls(*, invoice: Invoice, lines: Sequence[InvoiceLine], has_whole_numbers: bool) -> PaperCalls:
    """Return the calls that the usage lines of a bill charge; free calls and helplines stand on no list."""
    used = [line for line in lines if line.kind == InvoiceLine.Kind.USAGE and line.subscription_id is not None]
    service_of = {line.subscription_id: line.service for line in used}
    periods = {line.period_from for line in used if line.period_from is not None}
    if not service_of:
        return PaperCalls(is_masked=not has_whole_numbers)
    criteria = Criteria(first=invoice.period_from - timedelta(days=LATEST_DAYS), last=invoice.period_until - ONE_DAY)
    ids = sorted(key for key in service_of if key is not None)
    calls = list_calls(subscription_ids=ids, criteria=criteria, is_whole=has_whole_numbers).filter(
        bill_period__in=periods, corrects__isnull=True
    )
    rows = list(calls.order_by("subscription_id", "service", "start_at", "duplicate_key", "revision")[: MOST_CALLS + 1])
    if len(rows) > MOST_CALLS:
        return PaperCalls(is_cut=True, is_masked=not has_whole_numbers)
    return PaperCalls(
        groups=tuple(
            _group(service_of[subscription], service, list(members))
            for (subscription, service), members in groupby(rows, lambda row: (row.subscription_id, row.service))
        ),
        is_masked=not has_whole_numbers,
    )


def _group(number: str, service: int, rows: Sequence[RatedUsage]) -> CallGroup:
    return CallGroup(
        service=number,
        kind=str(SERVICES_BY_CODE[service]),
        blocks=tuple(rows[at : at + BLOCK_ROWS] for at in range(0, len(rows), BLOCK_ROWS)),
        count=len(rows),
        duration_seconds=sum(row.duration_seconds for row in rows),
        volume_bytes=sum(row.volume_bytes for row in rows),
        amount_micro=sum(row.amount_micro for row in rows),
    )
