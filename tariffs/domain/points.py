"""Zones of usage without a called number: access points of data and names of content, found by their exact name."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from billing_site.core.periods import DatePeriod

ANY_POINT = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class PointEntry:
    """The point ``name`` of a service (``*`` = any other) belongs to ``zone_id`` on the days of ``valid``."""

    service: str
    name: str
    zone_id: int
    valid: DatePeriod | None = None


@dataclass(frozen=True, slots=True)
class PointTable:
    """
    Finds the entry of an exact name, whatever the case of its letters, else that of ``*``.

    :raises ValueError: if two entries of one name hold on the same day
    """

    entries: tuple[PointEntry, ...] = ()
    _by_name: dict[tuple[str, str], tuple[PointEntry, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the entries by service and folded name and refuse overlaps."""
        by_name: dict[tuple[str, str], list[PointEntry]] = {}
        for entry in self.entries:
            by_name.setdefault((entry.service, fold(entry.name)), []).append(entry)
        for (service, name), found in by_name.items():
            _refuse_overlaps(f"{service} {name}", found)
        object.__setattr__(self, "_by_name", {key: tuple(found) for key, found in by_name.items()})

    def zone_of(self, name: str, *, service: str, on: date) -> int | None:
        """Return the zone of a name on a day, or ``None`` where neither the name nor ``*`` holds."""
        for key in (fold(name), ANY_POINT):
            for entry in self._by_name.get((service, key), ()):
                if entry.valid is None or entry.valid.contains(on):
                    return entry.zone_id
        return None


def fold(name: str) -> str:
    """Return a name as it is compared: without case and outer blanks."""
    return name.strip().casefold()


def _refuse_overlaps(name: str, entries: Iterable[PointEntry]) -> None:
    found = [entry.valid or DatePeriod(date.min) for entry in entries]
    for at, period in enumerate(found):
        if any(period.overlaps(other) for other in found[:at]):
            msg = f"point “{name}” has two zones from {period.start}"
            raise ValueError(msg)
