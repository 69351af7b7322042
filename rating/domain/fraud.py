"""
What the fraud rules look for, call by call.

The database does the same over whole runs (``rating/sql/find_*.sql``); this is the plain form that the twin tests hold
it to. A day is the operator's; the first window of a day in which a figure is above the threshold is the hit.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from billing_site.core.periods import midnight_of

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenCall:
    """A rated record as the rules see it; ``weight`` is -1 for one that takes an earlier one back."""

    started_at: datetime
    duration_seconds: int
    amount_micro: int
    zone_id: int
    number: str
    weight: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """The window (both ends as written, see the kinds) and the figure that is too high, of so many records."""

    day: date
    first_at: datetime
    last_at: datetime
    figure: int
    record_count: int
    number: str = ""


def sums_per_hour(calls: Sequence[SeenCall], *, threshold: int, zone: ZoneInfo) -> tuple[Hit, ...]:
    """Return the hits of "more than this money in any hour": the hour that ends with a call, its start left out."""
    hits = []
    for call in sorted(calls, key=lambda one: one.started_at):
        hour = [one for one in calls if call.started_at - HOUR < one.started_at <= call.started_at]
        figure, count = sum(one.amount_micro for one in hour), sum(one.weight for one in hour)
        if figure > threshold and count > 0:
            day = call.started_at.astimezone(zone).date()
            first = call.started_at - HOUR
            hits.append(Hit(day=day, first_at=first, last_at=call.started_at, figure=figure, record_count=count))
    return _first_of_days(hits)


def calls_to_zone(
    calls: Sequence[SeenCall], *, threshold: int, zone_ids: frozenset[int], zone: ZoneInfo
) -> tuple[Hit, ...]:
    """Return the hits of "more than so many calls to a destination in a day": from midnight to midnight."""
    counts: dict[date, int] = {}
    for call in calls:
        if call.zone_id in zone_ids:
            day = call.started_at.astimezone(zone).date()
            counts[day] = counts.get(day, 0) + call.weight
    return tuple(
        Hit(
            day=day,
            first_at=midnight_of(day, zone=zone),
            last_at=midnight_of(day + DAY, zone=zone),
            figure=count,
            record_count=count,
        )
        for day, count in sorted(counts.items())
        if count > threshold
    )


def simultaneous_calls(calls: Sequence[SeenCall], *, threshold: int, zone: ZoneInfo) -> tuple[Hit, ...]:
    """Return the hits of "more than so many calls of a number at once": the instant at which one too many begins."""
    hits = []
    for call in sorted(calls, key=lambda one: (one.started_at, one.number)):
        at = call.started_at
        count = sum(
            one.weight
            for one in calls
            if one.number == call.number and one.started_at <= at < one.started_at + _length(one)
        )
        if count > threshold and call.duration_seconds > 0:
            day = at.astimezone(zone).date()
            hits.append(Hit(day=day, first_at=at, last_at=at, figure=count, record_count=count, number=call.number))
    return _first_of_days(hits)


def _length(call: SeenCall) -> timedelta:
    return timedelta(seconds=call.duration_seconds)


def _first_of_days(hits: Iterable[Hit]) -> tuple[Hit, ...]:
    first: dict[date, Hit] = {}
    for hit in hits:
        first.setdefault(hit.day, hit)
    return tuple(first.values())
