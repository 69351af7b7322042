"""Traffic: by exchange, trunk, category of customer, kind of use, day and hour, from the daily summaries."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet, Sum

from rating.models import KeyAccountDay, TrafficDay

# What traffic can be told apart by, and the column that says it.
DIMENSIONS: Mapping[str, str] = {
    "source": "source_id",
    "trunk_in": "trunk_in",
    "trunk_out": "trunk_out",
    "category": "category",
    "service": "service",
    "usage_category": "usage_category_id",
    "day": "day",
    "hour": "hour",
}
# In an address: what the records say nothing of.
NOT_SAID = "-"
SUMS = {name: Sum(name) for name in ("record_count", "duration_seconds", "volume_bytes", "amount_micro")}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficSums:
    """What came in a group; ``key`` is the value that the group has in common."""

    key: Any
    record_count: int
    duration_seconds: int
    volume_bytes: int
    amount_micro: int


def traffic_by(*, dimension: str, first: date, last: date, only: Mapping[str, Any]) -> tuple[TrafficSums, ...]:
    """
    Return the traffic of days, told apart by a dimension, in its order.

    :param dimension: a key of ``DIMENSIONS``
    :param only: values that other dimensions must have, by key of ``DIMENSIONS``
    """
    column = DIMENSIONS[dimension]
    rows = _of_days(first, last, only).values(column).annotate(**SUMS).order_by(column)
    return tuple(_sums(row, row[column]) for row in rows)


def traffic_by_hour(*, dimension: str, first: date, last: date, only: Mapping[str, Any]) -> dict[Any, dict[int, int]]:
    """Return how many records came by hour of the day, for each value of a dimension."""
    column = DIMENSIONS[dimension]
    rows = _of_days(first, last, only).values_list(column, "hour").annotate(count=Sum("record_count"))
    found: dict[Any, dict[int, int]] = {}
    for key, hour, count in rows.order_by(column, "hour"):
        found.setdefault(key, {})[hour] = int(count)
    return found


def key_account_sums(*, first: date, last: date) -> tuple[TrafficSums, ...]:
    """Return what each key account used in days, the most money first."""
    rows = (
        KeyAccountDay.objects.filter(day__gte=first, day__lte=last)
        .values("account_id")
        .annotate(**SUMS)
        .order_by("-amount_micro", "account_id")
    )
    return tuple(_sums(row, row["account_id"]) for row in rows)


def key_account_days(*, account_id: int, first: date, last: date) -> tuple[TrafficSums, ...]:
    """Return what a key account used day by day."""
    rows = (
        KeyAccountDay.objects.filter(account_id=account_id, day__gte=first, day__lte=last)
        .values("day")
        .annotate(**SUMS)
        .order_by("day")
    )
    return tuple(_sums(row, row["day"]) for row in rows)


def _of_days(first: date, last: date, only: Mapping[str, Any]) -> QuerySet[TrafficDay]:
    narrowed = {DIMENSIONS[name]: value for name, value in only.items()}
    return TrafficDay.objects.filter(day__gte=first, day__lte=last, **narrowed)


def _sums(row: Mapping[str, Any], key: Any) -> TrafficSums:
    return TrafficSums(key=key, **{name: int(row[name]) for name in SUMS})
