"""Zones of numbers by longest prefix."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from billing_site.core.periods import DatePeriod

ANY_NUMBER = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrefixEntry:
    """
    Numbers that begin with ``prefix`` belong to ``zone_id`` on the days of ``valid`` (``None`` = always).

    ``*`` stands for every number. A prefix is compared letter by letter with the normalised number.
    """

    prefix: str
    zone_id: int
    valid: DatePeriod | None = None

    @property
    def head(self) -> str:
        """The text a number must begin with; empty for every number."""
        return "" if self.prefix == ANY_NUMBER else self.prefix


@dataclass(frozen=True, slots=True)
class PrefixTable:
    """
    Finds the entry with the longest prefix that holds on a day: one dictionary look-up per length in use, longest
    first.

    :raises ValueError: if two entries of one prefix hold on the same day
    """

    entries: tuple[PrefixEntry, ...]
    _by_head: dict[str, tuple[PrefixEntry, ...]] = field(init=False, repr=False, compare=False)
    _lengths: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the entries by prefix and refuse overlaps."""
        by_head: dict[str, list[PrefixEntry]] = {}
        for entry in self.entries:
            head = "" if entry.prefix == ANY_NUMBER else entry.prefix
            known = by_head.get(head)
            if known is None:
                by_head[head] = [entry]
            else:
                known.append(entry)
        for head, found in by_head.items():
            if len(found) > 1:
                _refuse_overlaps(head, found)
        object.__setattr__(self, "_by_head", {head: tuple(found) for head, found in by_head.items()})
        object.__setattr__(self, "_lengths", tuple(sorted({len(head) for head in by_head}, reverse=True)))

    def led_to(self, zones: Mapping[str, int]) -> "PrefixTable":
        """Return the table in which these prefixes lead to these zones on any day, all others where they did."""
        if not zones:
            return self
        others = (entry for entry in self.entries if entry.prefix not in zones)
        return PrefixTable((*others, *(PrefixEntry(prefix=prefix, zone_id=zones[prefix]) for prefix in zones)))

    def entry_for(self, number: str, *, on: date) -> PrefixEntry | None:
        """Return the entry with the longest prefix of a number that holds on a day, or ``None``."""
        for length in self._lengths:
            if length <= len(number):
                for entry in self._by_head.get(number[:length], ()):
                    if entry.valid is None or entry.valid.contains(on):
                        return entry
        return None

    def zone_of(self, number: str, *, on: date) -> int | None:
        """Return the zone of a number on a day, or ``None`` where no prefix fits."""
        entry = self.entry_for(number, on=on)
        return None if entry is None else entry.zone_id


def _refuse_overlaps(head: str, entries: Iterable[PrefixEntry]) -> None:
    """Raise if two entries of one prefix hold on the same day."""
    always = DatePeriod(date.min, None)
    ordered = sorted((entry.valid or always for entry in entries), key=lambda period: period.start)
    for earlier, later in pairwise(ordered):
        if earlier.overlaps(later):
            msg = f"prefix “{head}” has two zones from {later.start}"
            raise ValueError(msg)
