"""What a rate deck would do, as it is kept once it was found out: read on its page and as a workbook, counted once."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from billing_site.core.messages import Message
from tariffs.domain.deck_checks import PriceChange, RangeFault, RangeKind
from tariffs.domain.grids import CellFault

# So many faults are kept of each sort: who has more mends these first.
KEPT_FAULTS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class DeckReport:
    """The figures of a deck, the first faults of each sort, and every price that changes, the greatest first."""

    sheet: str
    columns: tuple[str, ...]
    unknown_columns: tuple[str, ...]
    row_count: int
    prefix_count: int
    new_prefix_count: int
    moved_prefix_count: int
    new_zone_count: int
    later_count: int
    holder_count: int
    finding_count: int
    fault_count: int
    changes_nothing: bool
    nested: tuple[tuple[str, str], ...]
    refusals: tuple[Message, ...]
    faults: tuple[CellFault, ...]
    range_faults: tuple[RangeFault, ...]
    changes: tuple[PriceChange, ...]

    @property
    def is_refused(self) -> bool:
        """Whether anything is wrong."""
        return self.finding_count > 0

    @property
    def jump_count(self) -> int:
        """How many prices a second person has to confirm."""
        return sum(change.is_jump for change in self.changes)


PLAIN = (
    "sheet", "row_count", "prefix_count", "new_prefix_count", "moved_prefix_count", "new_zone_count", "later_count",
    "holder_count", "finding_count", "fault_count", "changes_nothing",
)  # fmt: skip


def write_report(report: DeckReport) -> bytes:
    """Return a report as JSON that ``read_report`` reads back to the same."""
    found: dict[str, Any] = {name: getattr(report, name) for name in (*PLAIN, "columns", "unknown_columns", "nested")}
    found["refusals"] = [_write_message(one) for one in report.refusals]
    found["faults"] = [[one.row, one.column, _write_message(one.message)] for one in report.faults]
    found["range_faults"] = [
        [one.prefix, one.window, one.kind, _write_day(one.first), _write_day(one.until), one.rows]
        for one in report.range_faults
    ]
    found["changes"] = [
        [one.zone, one.window, None if one.was is None else str(one.was), str(one.becomes), one.percent, one.is_jump]
        for one in report.changes
    ]
    return json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode()


def read_report(content: bytes) -> DeckReport:
    """Return the report that ``write_report`` wrote."""
    found = json.loads(content)
    return DeckReport(
        **{name: found[name] for name in PLAIN},
        columns=tuple(found["columns"]),
        unknown_columns=tuple(found["unknown_columns"]),
        nested=tuple((inner, outer) for inner, outer in found["nested"]),
        refusals=tuple(map(_read_message, found["refusals"])),
        faults=tuple(
            CellFault(row=row, column=column, message=_read_message(message))
            for row, column, message in found["faults"]
        ),
        range_faults=tuple(
            RangeFault(
                prefix=prefix,
                window=window,
                kind=RangeKind(kind),
                first=_read_day(first),
                until=_read_day(until),
                rows=tuple(rows),
            )
            for prefix, window, kind, first, until, rows in found["range_faults"]
        ),
        changes=tuple(
            PriceChange(
                zone=zone,
                window=window,
                was=None if was is None else Decimal(was),
                becomes=Decimal(becomes),
                percent=percent,
                is_jump=is_jump,
            )
            for zone, window, was, becomes, percent, is_jump in found["changes"]
        ),
    )


def _write_day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _read_day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _write_message(message: Message) -> list[Any]:
    return [message.msgid, {name: _write_value(value) for name, value in message.params.items()}]


def _read_message(written: tuple[str, Mapping[str, Any]]) -> Message:
    msgid, params = written
    return Message(msgid=msgid, params={name: _read_value(value) for name, value in params.items()})


def _write_value(value: object) -> Any:
    """Return a value of a sentence; days and amounts say what they are, for each reader's own way of writing them."""
    if isinstance(value, date):
        return {"day": value.isoformat()}
    if isinstance(value, Decimal):
        return {"amount": str(value)}
    return value if isinstance(value, int) else str(value)


def _read_value(value: Any) -> object:
    if not isinstance(value, dict):
        return value
    return date.fromisoformat(value["day"]) if "day" in value else Decimal(value["amount"])
