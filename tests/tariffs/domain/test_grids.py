"""Tables that people paste: what is written is read back, what is typed is read or refused with its address."""

from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from tariffs.domain.deck_checks import compare_price
from tariffs.domain.grids import (
    CellUnreadable,
    GridColumn,
    column_letter,
    parse_table,
    read_choice,
    read_day,
    read_decimal,
    read_whole,
    write_decimal,
    write_table,
)
from tariffs.domain.rate_cells import StepCell, read_steps, write_steps
from tariffs.domain.rate_decks import DeckUnreadable, read_deck
from tariffs.operations.draft_grids import read_rates_table, write_rates
from tariffs.operations.draft_inputs import NewRate, NewStep

AMOUNTS = st.integers(0, 10**12).map(lambda micro: Decimal(micro).scaleb(-6))
LENGTHS = st.integers(1, 10_000)
TEXTS = st.text(max_size=40)
COLUMNS = (
    GridColumn(key="code", label="Code", is_required=True),
    GridColumn(key="amount", label="Amount", read=read_decimal, write=write_decimal),
    GridColumn(key="name", label="Name", empty=""),
)
STEPS = st.lists(
    st.builds(
        StepCell,
        price=AMOUNTS,
        per=st.none() | LENGTHS,
        increment=st.none() | st.integers(0, 10_000),
        start=st.integers(1, 10_000),
        up_to=st.none() | LENGTHS,
        flat=AMOUNTS,
        percent=AMOUNTS,
    ),
    max_size=4,
    unique_by=lambda step: step.start,
)


@given(AMOUNTS)
def test_amount_is_read_back_as_it_was_written(amount):
    assert read_decimal(write_decimal(amount)) == amount


@given(STEPS, AMOUNTS)
def test_steps_are_read_back_as_they_were_written(steps, price):
    found = (StepCell(price=price), *sorted(steps, key=lambda step: step.start))

    assert read_steps(write_steps(found)) == found


@given(TEXTS)
def test_cell_is_read_or_refused_and_nothing_else(text):
    for read in (read_decimal, read_steps, read_whole, read_day, read_choice({"A": 1})):
        with suppress(CellUnreadable):
            read(text)


@given(st.text(max_size=200))
def test_table_is_read_or_has_faults_with_addresses(text):
    lines, faults = parse_table(text, COLUMNS)

    assert all(fault.row >= 1 and fault.address[0].isalpha() for fault in faults)
    assert not {line.row for line in lines} & {fault.row for fault in faults}


@given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS), max_size=5))
def test_deck_is_read_or_refused_and_no_row_is_lost(rows):
    table: list[tuple[int, tuple[str, ...], frozenset[int]]] = [
        (1, ("prefix", "zone", "price"), frozenset()),
        *((n, row, frozenset()) for n, row in enumerate(rows, 2)),
    ]

    try:
        reading = read_deck(table, decimal_mark=".")
    except DeckUnreadable:
        pytest.fail("the headings are there")

    assert sorted([*(row.row for row in reading.rows), *(fault.row for fault in reading.faults)]) == [
        *range(2, len(rows) + 2)
    ]


def test_pasted_table_with_headings_quotes_and_empty_lines_is_read():
    text = 'Code\tAmount\tName\r\nA\t1 234,50\t"two ""words"""\r\n\r\nB\t\t\r\n'

    lines, faults = parse_table(text, COLUMNS)

    assert faults == []
    assert [(line.row, line.values["code"], line.values["amount"], line.values["name"]) for line in lines] == [
        (2, "A", Decimal("1234.5"), 'two "words"'),
        (4, "B", None, ""),
    ]
    assert write_table((line.values for line in lines), COLUMNS).splitlines()[0] == 'A\t1234.5\t"two ""words"""'


@pytest.mark.parametrize(("number", "letters"), [(1, "A"), (26, "Z"), (27, "AA"), (52, "AZ"), (703, "AAA")])
def test_columns_are_lettered_as_spreadsheets_do(number, letters):
    assert column_letter(number) == letters


def test_fault_of_a_cell_names_its_row_and_column():
    """Screen 16: row 12, column C."""
    text = "\n" * 11 + "A\t1\tname\ttoo much"

    _, (fault,) = parse_table(text, COLUMNS)

    assert (fault.row, fault.letter, fault.address) == (12, "D", "D12")


RATES = st.lists(
    st.builds(
        NewRate,
        code=st.just("R"),
        zone_code=st.sampled_from(["LOCAL", "FAR"]),
        window_code=st.sampled_from([None, "PEAK", "QUIET"]),
        unit=st.sampled_from(["SECONDS", "EVENTS"]),
        category=st.sampled_from(["", "HOME"]),
        connect_fee=AMOUNTS,
        maximum_charge=st.none() | AMOUNTS,
        free_units=st.integers(0, 100),
        steps=st.builds(
            lambda price, per, increment, up_to: (
                NewStep(price=price, per_units=per, increment_units=increment, up_to_units=up_to),
            ),
            AMOUNTS,
            LENGTHS,
            LENGTHS,
            st.none() | LENGTHS,
        ),
    ),
    max_size=6,
    unique_by=lambda rate: (rate.zone_code, rate.window_code, rate.unit, rate.category),
)


@given(RATES)
def test_rates_go_through_the_editor_unchanged(rates):
    windows = ("PEAK", "QUIET")

    text = write_rates(rates, window_codes=windows)
    found = read_rates_table(text, window_codes=windows, zone_codes={"LOCAL", "FAR"}, known=rates)

    def place(rate: NewRate) -> tuple[str, ...]:
        return (rate.zone_code, str(rate.window_code), rate.unit, rate.category)

    assert sorted(found, key=place) == sorted(rates, key=place)


@pytest.mark.parametrize(
    ("was", "becomes", "percent", "is_jump"),
    [(10, 15, 50, False), (10, 16, 60, True), (10, 1000, 9900, True), (0, 1, None, True), (None, 5, None, False)],
)
def test_jumps_are_more_than_half_or_a_hundredfold(was, becomes, percent, is_jump):
    change = compare_price(zone="Z", window=None, was=was, becomes=becomes)

    assert (change.percent, change.is_jump) == (percent, is_jump)


def test_day_is_read_in_both_forms():
    assert read_day("05.03.2026") == read_day("2026-03-05") == date(2026, 3, 5)
