"""Sheets of charges: cells read one by one, faults at their addresses."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from invoicing.domain.charge_sheets import read_charge_sheet
from tariffs.domain.grids import TableFaulty

HEAD = ("Account", "item", "KIND", "amount", "day", "note", "quantity", "line")
KINDS = ("VISIT", "PENALTY")


def read(*rows, head=HEAD, numbers=()):
    numbered = ((n, row, frozenset(numbers)) for n, row in enumerate(rows, start=2))
    return read_charge_sheet([(1, head, frozenset()), *numbered], kinds=KINDS)


def faults_of(*rows, head=HEAD, numbers=()):
    with pytest.raises(TableFaulty) as refusal:
        read(*rows, head=head, numbers=numbers)
    return [fault.address for fault in refusal.value.faults]


def test_row_is_read_whatever_the_order_and_script():
    sheet = read(("٠٠١٢", "fees", "visit", "1 500.50", "2026-03-05", "came at ten", "3", "+999 10-1"))

    (charge,) = sheet.charges
    assert (charge.account, charge.line, charge.item, charge.kind) == ("0012", "+999101", "FEES", "VISIT")
    assert (charge.amount, charge.quantity, charge.day) == (Decimal("1500.50"), 3, date(2026, 3, 5))
    assert sheet.columns["account"] == 1


def test_quantity_and_line_may_be_missing():
    (charge,) = read(("1", "A", "VISIT", "2", "2026-03-05", "n"), head=HEAD[:6]).charges

    assert (charge.quantity, charge.line) == (1, "")


def test_workbook_keeps_days_and_amounts_and_may_not_keep_numbers_of_accounts():
    """3h rows 3 and 4: a cell that holds a day is clear; one that holds a number may have lost its zeros."""
    row = ("12", "A", "VISIT", "1.234", "2026-03-05T00:00:00", "n", "2", "37410")

    (charge,) = read(row, numbers=(3, 6)).charges
    assert (charge.amount, charge.day, charge.quantity) == (Decimal("1.234"), date(2026, 3, 5), 2)
    assert faults_of(row, numbers=(0, 3, 6, 7)) == ["A2", "H2"]


def test_every_wrong_cell_is_named():
    wrong = ("", "A", "TIP", "1O", "5 March", "", "x", "")

    assert faults_of(wrong, ("1", "A", "VISIT", "2", "2026-03-05", "n")) == ["A2", "C2", "D2", "E2", "F2", "G2"]


@pytest.mark.parametrize(
    ("head", "faults"),
    [
        (("account", "item", "kind", "amount", "note"), ["A1"]),
        ((*HEAD, "tip"), ["I1"]),
        ((*HEAD, "day"), ["I1"]),
        (HEAD, ["A1"]),
    ],
)
def test_sheet_without_its_columns_or_without_a_charge_is_refused(head, faults):
    assert faults_of(head=head) == faults


def test_empty_sheet_is_refused():
    with pytest.raises(TableFaulty):
        read_charge_sheet([], kinds=KINDS)


@given(st.lists(st.lists(st.text(max_size=12), max_size=9), min_size=1, max_size=5))
def test_any_cells_are_read_or_refused_by_their_addresses(rows):
    assert all(faults_of(*rows))
