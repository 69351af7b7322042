"""What is wrong with a worked example that cannot be followed: the field, what stands there, what should."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

SHOWN_LENGTH = 40
_MONTH = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ].{1,30})?", re.ASCII)


class _Shape(NamedTuple):
    """What a field is, in words and as a question; whether it may be null."""

    words: str
    fits: Callable[[object], bool]
    may_be_null: bool = False

    def holds(self, value: object) -> bool:
        return (self.may_be_null and value is None) or self.fits(value)


def _is_day(value: object) -> bool:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


_OBJECT = _Shape("an object", lambda value: isinstance(value, Mapping))
_LIST = _Shape("a list", lambda value: isinstance(value, list))
_TEXT = _Shape("a text", lambda value: isinstance(value, str))
_DATE = _Shape("a day of the calendar", _is_day)
_OBJECT_OR_NULL, _LIST_OR_NULL, _DATE_OR_NULL = (one._replace(may_be_null=True) for one in (_OBJECT, _LIST, _DATE))

# By place, with the numbers of list items left out and the names of prices in a sequence as a star.
_SHAPES: Mapping[str, _Shape] = {
    **dict.fromkeys(("expected", "tariff", "event", "charge", "rates"), _OBJECT),
    **dict.fromkeys(("tariff.rounding", "tariff.surcharge", "tariff.rates[].window"), _OBJECT_OR_NULL),
    **dict.fromkeys(("tariff.rates", "tariff.rates[].prefixes", "tariff.rates[].steps"), _LIST),
    **dict.fromkeys(("tariff.rates[].window.days", "windows", "windows[].days", "charge.tiers"), _LIST),
    **dict.fromkeys(("allowances", "allowances[].rates", "events", "expected.amounts", "rates.*"), _LIST),
    **dict.fromkeys(("expected.boundaries", "subscriptions", "lines_minor"), _LIST),
    **dict.fromkeys(("allowances[].valid", "subscriptions[].upfront"), _LIST_OR_NULL),
    **dict.fromkeys(("subscriptions[].segments", "subscriptions[].credits"), _LIST_OR_NULL),
    **dict.fromkeys(("tariff.rates[]", "tariff.rates[].steps[]", "windows[]", "charge.tiers[]"), _OBJECT),
    **dict.fromkeys(("allowances[]", "events[].event", "rates.*[]"), _OBJECT),
    **dict.fromkeys(("subscriptions[]", "subscriptions[].segments[]", "subscriptions[].credits[]"), _OBJECT),
    **dict.fromkeys(("start", "invoice_up_to", "event.start", "event.end", "expected.boundaries[]"), _DATE),
    "subscriptions[].segments[].from": _DATE,
    **dict.fromkeys(("end", "replaced_on", "events[].event.date", "subscriptions[].segments[].to"), _DATE_OR_NULL),
    "allowances[].valid[]": _DATE_OR_NULL,
    **dict.fromkeys(("billing", "period", "interval", "direction", "charge.model"), _TEXT),
    "month": _Shape("a month, as 2026-03", lambda value: isinstance(value, str) and bool(_MONTH.fullmatch(value))),
}
# The events of a sequence are objects, those of a charge plain amounts.
_SHAPES_OF_KIND: Mapping[str, Mapping[str, _Shape]] = {"allowance_sequence": {"events[]": _OBJECT}}


def misshapen(case: Mapping[str, Any]) -> str:
    """Name the first field of a case that is not what it is in every case; nothing if there is none."""
    shapes = {**_SHAPES, **_SHAPES_OF_KIND.get(str(case.get("kind")), {})}
    for place, kind_of_place, value in _fields(case, "", ""):
        shape = shapes.get(kind_of_place)
        if shape is not None and not shape.holds(value):
            return f"the field {place} is {str(value)[:SHOWN_LENGTH]!r}, not {shape.words}"
    return ""


def _fields(found: Any, place: str, kind_of_place: str) -> Iterator[tuple[str, str, Any]]:
    """Yield everything below a place: where it stands, where things of its kind stand, and what it is."""
    inside: list[tuple[str, str, Any]] = []
    if isinstance(found, Mapping):
        for name, value in found.items():
            known = "*" if kind_of_place == "rates" else name
            inside.append((f"{place}.{name}".lstrip("."), f"{kind_of_place}.{known}".lstrip("."), value))
    elif isinstance(found, list):
        inside = [(f"{place}[{number}]", f"{kind_of_place}[]", value) for number, value in enumerate(found, start=1)]
    for one in inside:
        yield one
        yield from _fields(one[2], one[0], one[1])
