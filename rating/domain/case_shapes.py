"""What is wrong with a worked example that cannot be followed: the field, what stands there, what should."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

SHOWN_LENGTH = 40
NEEDED_OBJECTS = frozenset({"expected", "tariff", "event", "charge"})
OBJECTS = NEEDED_OBJECTS | {"tariff.rounding", "surcharge", "window"}
LISTS_OF_OBJECTS = frozenset(
    {"steps", "tiers", "windows", "allowances", "subscriptions", "credits", "events", "tariff.rates"}
)
LISTS = frozenset({"prefixes", "days", "boundaries", "amounts", "valid", "upfront", "lines_minor"})
DAYS = frozenset({"start", "end", "anchor", "invoice_up_to", "date", "replaced_on"})


def misshapen(case: Mapping[str, Any]) -> str:
    """Name the first field of a case that is not what it is in every case; nothing if there is none."""
    return next(
        (
            f"the field {place} is {str(found)[:SHOWN_LENGTH]!r}, not {wanted}"
            for place, found, wanted in _faults(case, "", is_money=case.get("kind") == "tiered_usage")
        ),
        "",
    )


def _faults(found: Any, place: str, *, is_money: bool) -> Iterator[tuple[str, object, str]]:
    """Yield what is wrong below a place; the events of a tiered case are plain amounts."""
    if isinstance(found, Mapping):
        for name, value in found.items():
            yield from _faults_of_field(str(name), value, f"{place}.{name}".removeprefix("."), is_money=is_money)
    elif isinstance(found, list):
        for number, value in enumerate(found, start=1):
            yield from _faults(value, f"{place}[{number}]", is_money=is_money)


def _faults_of_field(name: str, value: Any, place: str, *, is_money: bool) -> Iterator[tuple[str, object, str]]:
    name = place if place in OBJECTS | LISTS_OF_OBJECTS else name
    if name in OBJECTS and not isinstance(value, Mapping) and (value is not None or name in NEEDED_OBJECTS):
        yield place, value, "an object"
    elif name in LISTS | LISTS_OF_OBJECTS and not isinstance(value, list) and value is not None:
        yield place, value, "a list"
    elif name in LISTS_OF_OBJECTS and not (is_money and name == "events"):
        wrong = [one for one in value or () if not isinstance(one, Mapping)]
        if wrong:
            yield place, wrong[0], "a list of objects"
    elif name in DAYS and value is not None and not _is_day(value):
        yield place, value, "a day of the calendar"
    yield from _faults(value, place, is_money=is_money)


def _is_day(value: object) -> bool:
    try:
        datetime.fromisoformat(str(value))
    except ValueError:
        return False
    return isinstance(value, str)
