"""Worked examples as a table that people type and paste, and as files of worked cases."""

import json
import math
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from billing_site.core import clock
from billing_site.core.digits import to_ascii_digits
from billing_site.core.errors import BillingError
from billing_site.core.messages import Message, gettext_noop
from billing_site.core.money import micro_to_decimal
from billing_site.core.quantities import Unit
from tariffs.domain.grids import (
    CellFault,
    CellUnreadable,
    GridColumn,
    TableFaulty,
    parse_table,
    read_choice,
    read_decimal,
    read_whole,
    write_decimal,
    write_table,
)
from tariffs.models import TestCall
from tariffs.operations.test_calls import NewTestCall

ZONE_MARK = "zone:"
CASE_SCHEMA = "telecom-billing-cases/1"
DAY_FORMS = ("%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S")
CASE_UNITS = {"voice": Unit.SECONDS, "data": Unit.BYTES, "sms": Unit.EVENTS, "event": Unit.EVENTS}
UNKNOWN_ZONE = gettext_noop("There is no %(kind)s with the code %(code)s.")


class CasesUnreadable(BillingError):
    """A file that holds no worked cases of calls."""

    default_message = gettext_noop("%(name)s holds no worked cases of calls: JSON of the form %(schema)s is expected.")
    default_code = "CASES_UNREADABLE"


def read_instant(text: str) -> datetime:
    """
    Return an instant: ISO, or day.month.year and the time; without an offset in the operator's zone.

    :raises CellUnreadable: for anything else
    """
    plain = to_ascii_digits(text).strip()
    try:
        found = datetime.fromisoformat(plain)
    except ValueError:
        found = _local(plain, shown=text)
    return found if found.tzinfo else found.replace(tzinfo=clock.operator_zone())


def _local(plain: str, *, shown: str) -> datetime:
    for form in DAY_FORMS:
        try:
            return datetime.strptime(plain, form).replace(tzinfo=clock.operator_zone())
        except ValueError:
            continue
    raise CellUnreadable(
        gettext_noop("“%(text)s” is not a time: write 2026-03-05 19:04 or 05.03.2026 19:04."), context={"text": shown}
    )


def write_instant(value: datetime) -> str:
    """Return an instant as ``read_instant`` takes it: in the operator's zone, with its offset where one is needed."""
    local = value.astimezone(clock.operator_zone())
    plain = local.replace(tzinfo=None)
    is_plain = plain.replace(tzinfo=clock.operator_zone()) == value
    return (plain if is_plain else local).isoformat(sep=" ")


COLUMNS = (
    GridColumn(key="to", label=gettext_noop("Number or zone:CODE"), is_required=True),
    GridColumn(key="started_at", label=gettext_noop("When"), read=read_instant, write=write_instant, is_required=True),
    GridColumn(key="quantity", label=gettext_noop("How much"), read=read_whole, write=str, is_required=True),
    GridColumn(
        key="expected", label=gettext_noop("Expected"), read=read_decimal, write=write_decimal, is_required=True
    ),
    GridColumn(
        key="unit",
        label=gettext_noop("Unit"),
        read=read_choice({unit.value: unit.value for unit in Unit}),
        empty=Unit.SECONDS.value,
    ),
    GridColumn(key="customer_category", label=gettext_noop("Customer category"), empty=""),
    GridColumn(key="calling", label=gettext_noop("Calling number"), empty=""),
    GridColumn(key="note", label=gettext_noop("Note"), empty=""),
)
SAME = ("started_at", "quantity", "unit", "customer_category", "calling", "note")


def write_test_calls(calls: Iterable[TestCall]) -> str:
    """Return the examples of a version as a table; their zones are read with them."""
    return write_table(
        (
            {
                **{name: getattr(call, name) for name in SAME},
                "to": call.called or f"{ZONE_MARK}{call.zone.code if call.zone else ''}",
                "expected": micro_to_decimal(call.expected_micro),
            }
            for call in calls
        ),
        COLUMNS,
    )


def read_test_calls_table(text: str, *, zone_codes: Collection[str]) -> list[NewTestCall]:
    """
    Return the examples that a table says.

    :raises TableFaulty: with every cell that cannot be read and every unknown zone
    """
    lines, faults = parse_table(text, COLUMNS)
    found = []
    for line in lines:
        to = str(line.values["to"])
        zone = to[len(ZONE_MARK) :].strip() if to.lower().startswith(ZONE_MARK) else ""
        if zone and zone not in zone_codes:
            message = Message(msgid=UNKNOWN_ZONE, params={"kind": "zone", "code": zone})
            faults.append(CellFault(row=line.row, column=1, message=message))
        same = {name: line.values[name] for name in SAME}
        found.append(NewTestCall(**same, expected=line.values["expected"], zone_code=zone, called="" if zone else to))
    if faults:
        raise TableFaulty(faults)
    return found


def read_case_file(content: bytes, *, name: str) -> list[NewTestCall]:
    """
    Return the calls of a file of worked cases with the amounts they expect.

    What a case says of its own tariff is left out: here the draft is tried. Cases of other kinds, of other usage,
    continuations, amounts below zero or with more than six decimals, and parts of bytes are passed over. Amounts in
    cents become those of the major unit, in which a draft is written.

    :raises CasesUnreadable: if it is no such file or holds no call
    """
    try:
        found = json.loads(content)
        cases = found["cases"] if found["schema"] == CASE_SCHEMA else []
        calls = [call for case in cases if (call := _call_in(case)) is not None]
    except (ValueError, KeyError, TypeError, AttributeError, InvalidOperation, RecursionError) as error:
        raise CasesUnreadable(context={"name": name, "schema": CASE_SCHEMA}) from error
    if not calls:
        raise CasesUnreadable(context={"name": name, "schema": CASE_SCHEMA})
    return calls


def _call_in(case: Mapping[str, Any]) -> NewTestCall | None:
    event = case.get("event") or {}
    if case.get("kind") != "call_rating" or event.get("continuation") or not event.get("called"):
        return None
    expected = Decimal(str(case["expected"]["amount"]))
    if (case.get("tariff") or {}).get("unit") == "cent":
        expected = expected.scaleb(-2)
    unit = CASE_UNITS.get(str(event.get("type", "voice")))
    if not expected.is_finite() or expected < 0 or expected.scaleb(6) % 1 or unit is None:
        return None
    has_duration = unit is Unit.SECONDS and "duration_s" in event
    quantity = Decimal(str(event["duration_s" if has_duration else "quantity"]))
    if not quantity.is_finite() or (quantity % 1 and unit is not Unit.SECONDS):
        return None
    started_at = datetime.fromisoformat(event["start"])
    if started_at.tzinfo is None:
        named = event.get("timezone")
        started_at = started_at.replace(tzinfo=ZoneInfo(named) if named else clock.operator_zone())
    return NewTestCall(
        started_at=started_at,
        quantity=math.ceil(quantity),
        expected=expected,
        called=str(event["called"])[:32],
        unit=unit.value,
        note=str(case.get("id", ""))[:200],
    )
