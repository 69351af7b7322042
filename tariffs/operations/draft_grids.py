"""
A draft as tables that people edit and paste, and back: rates by zone and window, prices, allowances.

A further field of a rate is one more entry of ``RATE_FIELDS``; where it decides which rate holds, also of
``RATE_PLACE``.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models

from billing_site.core.errors import BillingError
from billing_site.core.messages import Message, gettext_noop
from billing_site.core.money import decimal_to_micro, micro_to_decimal
from tariffs.domain.grids import (
    CellFault,
    CellUnreadable,
    GridColumn,
    GridLine,
    TableFaulty,
    fault_of,
    parse_table,
    read_choice,
    read_day,
    read_decimal,
    read_whole,
    write_decimal,
    write_table,
)
from tariffs.domain.rate_cells import StepCell, read_steps, write_steps
from tariffs.models import Allowance, Price, Rate
from tariffs.models.fee import LENGTHS, WHOLE_FEE
from tariffs.operations.draft_inputs import ZERO, NewAllowance, NewPrice, NewRate, NewStep

LANGUAGES = ("en", "hy", "ru", "zh-hans", "ar")
ANY_WINDOW = "*"
CODE_LENGTH = 32
DEFAULT_LENGTH = 60
UNCUT = 0
LARGEST_QUANTITY = 1 << 62
YES = {"1": True, "YES": True, "Y": True, "+": True, "0": False, "NO": False, "N": False, "-": False}


def _amount(key: str, label: str, *, empty: Decimal | None = None, is_required: bool = False) -> GridColumn:
    return GridColumn(
        key=key, label=label, read=read_decimal, write=write_decimal, empty=empty, is_required=is_required
    )


def _whole(key: str, label: str, *, empty: int | None = None) -> GridColumn:
    return GridColumn(key=key, label=label, read=read_whole, write=str, empty=empty)


def _choice(key: str, label: str, choices: type[models.TextChoices]) -> GridColumn:
    """Return a column of words of ours, the first of which an empty cell means."""
    return GridColumn(
        key=key,
        label=label,
        read=read_choice({str(value): str(value) for value in choices.values}),
        empty=str(choices.values[0]),
    )


def _months(key: str, label: str) -> GridColumn:
    lengths = {str(months): months for months in LENGTHS}
    return GridColumn(key=key, label=label, read=read_choice(lengths), write=str, empty=LENGTHS[0])


def _percent(key: str, label: str) -> GridColumn:
    return GridColumn(key=key, label=label, read=_read_percent, write=str, empty=WHOLE_FEE)


def _read_percent(text: str) -> int:
    percent = read_whole(text)
    if percent > WHOLE_FEE:
        raise CellUnreadable(OVER_HUNDRED, context={"text": text})
    return percent


def _flag(key: str, label: str) -> GridColumn:
    return GridColumn(
        key=key, label=label, read=read_choice(YES), write=lambda value: "YES" if value else "", empty=False
    )


def _day(key: str, label: str) -> GridColumn:
    return GridColumn(key=key, label=label, read=read_day, write=date.isoformat)


PER = _whole("per_units", gettext_noop("Per"), empty=DEFAULT_LENGTH)
INCREMENT = _whole("increment_units", gettext_noop("Increment"), empty=DEFAULT_LENGTH)
# Columns of a rate beside its steps, by the name of the field of ``NewRate``.
RATE_FIELDS: tuple[GridColumn, ...] = (
    _amount("connect_fee", gettext_noop("Connect fee"), empty=ZERO),
    _amount("minimum_charge", gettext_noop("Minimum"), empty=ZERO),
    _amount("maximum_charge", gettext_noop("Maximum")),
    _choice("cap_policy", gettext_noop("At the maximum"), Rate.CapPolicy),
    _whole("surcharge_after_units", gettext_noop("Surcharge after")),
    _amount("surcharge_amount", gettext_noop("Surcharge"), empty=ZERO),
    _choice("unit", gettext_noop("Unit"), Rate.Unit),
    GridColumn(key="category", label=gettext_noop("Customer category"), empty=""),
    _choice("model", gettext_noop("Model"), Rate.Model),
    _choice("scope", gettext_noop("Tiers run over"), Rate.Scope),
    _whole("free_units", gettext_noop("Free units"), empty=0),
    _whole("free_events", gettext_noop("Free events"), empty=0),
    GridColumn(key="counter_code", label=gettext_noop("Counter"), empty=""),
)
# What, together with zone and window, makes two rates different.
RATE_PLACE = ("unit", "category")
NAME_COLUMNS = tuple(
    GridColumn(key=code, label=label, empty="")
    for code, label in zip(
        LANGUAGES,
        (
            gettext_noop("Name, English"),
            gettext_noop("Name, Armenian"),
            gettext_noop("Name, Russian"),
            gettext_noop("Name, Chinese"),
            gettext_noop("Name, Arabic"),
        ),
        strict=True,
    )
)
PRICE_COLUMNS = (
    GridColumn(key="bill_item_code", label=gettext_noop("Bill item"), is_required=True),
    _amount("amount", gettext_noop("Amount"), is_required=True),
    _choice("kind", gettext_noop("When"), Price.Kind),
    _choice("proration", gettext_noop("Part of a period"), Price.Proration),
    _choice("timing", gettext_noop("When it is charged"), Price.Timing),
    _months("months", gettext_noop("Months")),
    _choice("end_proration", gettext_noop("Part at the end"), Price.EndProration),
    _choice("change_proration", gettext_noop("Part at a change"), Price.ChangeProration),
    _percent("suspended_percent", gettext_noop("Percent while suspended")),
    *NAME_COLUMNS,
)
ALLOWANCE_COLUMNS = (
    GridColumn(key="code", label=gettext_noop("Code"), is_required=True),
    _choice("unit", gettext_noop("Unit"), Allowance.Unit),
    _amount("quantity", gettext_noop("Quantity"), is_required=True),
    GridColumn(
        key="zone_codes",
        label=gettext_noop("Zones"),
        read=lambda text: tuple(part.strip() for part in text.split(",") if part.strip()),
        write=", ".join,
        empty=(),
    ),
    _whole("priority", gettext_noop("Order"), empty=1),
    _flag("shared_by_account", gettext_noop("Shared")),
    _day("valid_from", gettext_noop("First day")),
    _day("valid_until", gettext_noop("First day without it")),
    _flag("rolls_over", gettext_noop("Rolls over")),
    _amount("rollover_limit", gettext_noop("Rolls over at most")),
    *NAME_COLUMNS,
)
# Of an allowance in money these are amounts, else whole numbers of its unit.
QUANTITIES = ("quantity", "rollover_limit")
UNKNOWN = gettext_noop("There is no %(kind)s with the code %(code)s.")
DOUBLED = gettext_noop("Zone %(zone)s has a price for this window in row %(row)s already.")
WITHOUT_PRICE = gettext_noop("The line has no price in any window.")
OVER_HUNDRED = gettext_noop("“%(text)s” is more than 100 percent.")
NOT_WHOLE = gettext_noop("“%(text)s” is not a whole number.")


def rate_columns(window_codes: Sequence[str]) -> tuple[GridColumn, ...]:
    """Return the columns of the table of rates: zone, price in any window, in each window, then what a line shares."""
    zone = GridColumn(key="zone_code", label=gettext_noop("Zone"), is_required=True)
    always = _price_column(ANY_WINDOW, gettext_noop("Price at any time"))
    return (zone, always, *(_price_column(code, code) for code in window_codes), PER, INCREMENT, *RATE_FIELDS)


def _price_column(code: str, label: str) -> GridColumn:
    return GridColumn(key=code, label=label, read=read_steps, write=write_steps)


def write_rates(rates: Iterable[NewRate], *, window_codes: Sequence[str]) -> str:
    """Return rates as a table: a line for a zone, more where its windows differ in more than the price."""
    lines: dict[tuple[Any, ...], dict[str, Any]] = {}
    for rate in rates:
        shared = {column.key: getattr(rate, column.key) for column in RATE_FIELDS}
        line = lines.setdefault(
            (rate.zone_code, *shared.values()),
            {
                "zone_code": rate.zone_code,
                PER.key: rate.steps[0].per_units,
                INCREMENT.key: rate.steps[0].increment_units or DEFAULT_LENGTH,
                **shared,
            },
        )
        line[rate.window_code or ANY_WINDOW] = _step_cells(rate.steps, line)
    return write_table(lines.values(), rate_columns(window_codes))


def _step_cells(steps: Iterable[NewStep], line: Mapping[str, Any]) -> tuple[StepCell, ...]:
    return tuple(
        StepCell(
            price=step.price,
            per=None if step.per_units == line[PER.key] else step.per_units,
            increment=None if step.increment_units == line[INCREMENT.key] else step.increment_units or UNCUT,
            start=step.from_units,
            up_to=step.up_to_units,
            flat=step.flat_fee,
            percent=step.percent,
        )
        for step in steps
    )


def rate_cells(rate: NewRate) -> str:
    """Return the price of a rate as its cell says it, with lengths that are not the usual ones."""
    return write_steps(_step_cells(rate.steps, {PER.key: DEFAULT_LENGTH, INCREMENT.key: DEFAULT_LENGTH}))


def read_rates_table(
    text: str, *, window_codes: Sequence[str], zone_codes: Collection[str], known: Iterable[NewRate] = ()
) -> list[NewRate]:
    """
    Return the rates that a table says.

    :param zone_codes: every zone there is
    :param known: rates whose codes are kept where zone and window are the same
    :raises TableFaulty: with every cell that cannot be read, every unknown zone and every place that is priced twice
    """
    columns = rate_columns(window_codes)
    lines, faults = parse_table(text, columns)
    kept = {_place(rate): rate.code for rate in known}
    taken = set(kept.values())
    rows: dict[tuple[Any, ...], int] = {}
    found: list[NewRate] = []
    for line in lines:
        faults += _unknown(line, "zone_code", known=zone_codes, columns=columns, kind="zone")
        rates = list(_rates_of(line, columns))
        if not rates:
            faults.append(CellFault(row=line.row, column=2, message=Message(msgid=WITHOUT_PRICE)))
        for column, rate in rates:
            place = _place(rate)
            if place in rows:
                message = Message(msgid=DOUBLED, params={"zone": rate.zone_code, "row": rows[place]})
                faults.append(CellFault(row=line.row, column=column, message=message))
            rows.setdefault(place, line.row)
            found.append(replace(rate, code=kept.get(place) or _free_code(rate, taken)))
    if faults:
        raise TableFaulty(sorted(faults, key=lambda fault: (fault.row, fault.column)))
    return found


def _rates_of(line: GridLine, columns: Sequence[GridColumn]) -> Iterable[tuple[int, NewRate]]:
    """Give the rate of each window that a line prices, with the number of its column."""
    shared = {column.key: line.values[column.key] for column in RATE_FIELDS}
    for number, column in enumerate(columns, start=1):
        cells = line.values[column.key]
        if column.read is not read_steps or cells is None:
            continue
        steps = tuple(
            NewStep(
                price=cell.price,
                per_units=cell.per or line.values[PER.key],
                increment_units=_increment(cell, line.values[INCREMENT.key]),
                from_units=cell.start,
                up_to_units=cell.up_to,
                flat_fee=cell.flat,
                percent=cell.percent,
            )
            for cell in cells
        )
        window = None if column.key == ANY_WINDOW else column.key
        yield number, NewRate(code="", zone_code=line.values["zone_code"], window_code=window, steps=steps, **shared)


def _increment(cell: StepCell, of_line: int) -> int | None:
    """Return the increment of a step: its own, that of the line, or none where units stay uncut."""
    length = of_line if cell.increment is None else cell.increment
    return None if length == UNCUT else length


def _place(rate: NewRate) -> tuple[Any, ...]:
    return (rate.zone_code, rate.window_code, *(getattr(rate, name) for name in RATE_PLACE))


def _free_code(rate: NewRate, taken: set[str]) -> str:
    """Return a code for a rate: its zone and window, shortened and numbered where that is too long or in use."""
    code = rate.zone_code if rate.window_code is None else f"{rate.zone_code}-{rate.window_code}"
    number = 1
    while code in taken or len(code) > CODE_LENGTH:
        number += 1
        tail = f"-{number}"
        code = f"{code[: CODE_LENGTH - len(tail)]}{tail}" if number == 2 else f"{rate.zone_code[:20]}-{number}"
    taken.add(code)
    return code


def _unknown(
    line: GridLine, key: str, *, known: Collection[str], columns: Sequence[GridColumn], kind: str
) -> list[CellFault]:
    """Return the fault of a cell that names, alone or in a list, a code that does not exist."""
    value = line.values[key]
    number = next(place for place, column in enumerate(columns, start=1) if column.key == key)
    return [
        CellFault(row=line.row, column=number, message=Message(msgid=UNKNOWN, params={"kind": kind, "code": code}))
        for code in ((value,) if isinstance(value, str) else value)
        if code not in known
    ]


def write_prices(prices: Iterable[NewPrice]) -> str:
    """Return the prices that do not depend on use as a table."""
    return write_table((_with_names(price, PRICE_COLUMNS) for price in prices), PRICE_COLUMNS)


def read_prices_table(text: str, *, bill_item_codes: Collection[str]) -> list[NewPrice]:
    """
    Return the prices that a table says.

    :raises TableFaulty: with every cell that cannot be read and every unknown bill item
    """
    lines, faults = parse_table(text, PRICE_COLUMNS)
    for line in lines:
        faults += _unknown(line, "bill_item_code", known=bill_item_codes, columns=PRICE_COLUMNS, kind="bill item")
    if faults:
        raise TableFaulty(faults)
    return [NewPrice(**_without_names(line), names=names_of_line(line)) for line in lines]


def write_allowances(allowances: Iterable[NewAllowance]) -> str:
    """Return the allowances as a table; money is in the major unit."""
    return write_table((allowance_cells(one) for one in allowances), ALLOWANCE_COLUMNS)


def allowance_cells(one: NewAllowance) -> dict[str, Any]:
    """Return an allowance by column; its quantities as decimals, money in the major unit."""
    values = _with_names(one, ALLOWANCE_COLUMNS)
    is_money = one.unit == Allowance.Unit.MONEY
    for key in QUANTITIES:
        if values[key] is not None:
            values[key] = micro_to_decimal(values[key]) if is_money else Decimal(values[key])
    return values


def read_allowances_table(text: str, *, zone_codes: Collection[str]) -> list[NewAllowance]:
    """
    Return the allowances that a table says.

    :raises TableFaulty: with every cell that cannot be read and every unknown zone
    """
    lines, faults = parse_table(text, ALLOWANCE_COLUMNS)
    found: list[NewAllowance] = []
    for line in lines:
        faults += _unknown(line, "zone_codes", known=zone_codes, columns=ALLOWANCE_COLUMNS, kind="zone")
        quantities: dict[str, int | None] = {}
        for number, column in enumerate(ALLOWANCE_COLUMNS, start=1):
            if column.key in QUANTITIES:
                try:
                    is_money = line.values["unit"] == Allowance.Unit.MONEY
                    quantities[column.key] = _quantity(line.values[column.key], is_money=is_money)
                except BillingError as error:
                    faults.append(fault_of(error, row=line.row, column=number))
        if len(quantities) == len(QUANTITIES):
            values: dict[str, Any] = {**_without_names(line), **quantities}
            found.append(NewAllowance(**values, names=names_of_line(line)))
    if faults:
        raise TableFaulty(faults)
    return found


def _quantity(value: Decimal | None, *, is_money: bool) -> int | None:
    if value is None:
        return None
    if is_money:
        return decimal_to_micro(value)
    if value % 1 or value >= LARGEST_QUANTITY:
        raise CellUnreadable(NOT_WHOLE, context={"text": write_decimal(value)})
    return int(value)


def _with_names(one: NewPrice | NewAllowance, columns: Sequence[GridColumn]) -> dict[str, Any]:
    values = {column.key: getattr(one, column.key) for column in columns if column.key not in LANGUAGES}
    return {**values, **one.names}


def _without_names(line: GridLine) -> dict[str, Any]:
    return {key: value for key, value in line.values.items() if key not in LANGUAGES}


def names_of_line(line: GridLine) -> dict[str, str]:
    """Return the names that a line gives, by language."""
    return {code: line.values[code] for code in LANGUAGES if line.values[code]}
