"""Windows of the week as they are typed and shown."""

from contextlib import suppress

import pytest
from hypothesis import given, strategies as st

from tariffs.domain.grids import CellUnreadable
from tariffs.domain.window_cells import (
    read_opening,
    read_weekdays,
    read_window_code,
    write_opening,
    write_weekdays,
)


@given(st.sets(st.integers(1, 7), min_size=1), st.integers(0, 1439))
def test_what_is_shown_can_be_typed(days, minute):
    assert read_weekdays(write_weekdays(sorted(days))) == tuple(sorted(days))
    assert read_opening(write_opening(minute)) == minute


@given(st.text("0123456789:-, ١٧،：PEAK", max_size=12))
def test_any_text_is_read_or_refused(text):
    with suppress(CellUnreadable):
        assert set(read_weekdays(text)) <= set(range(1, 8))
    with suppress(CellUnreadable):
        assert 0 <= read_opening(text) < 1440
    with suppress(CellUnreadable):
        assert read_window_code(text) == text


@pytest.mark.parametrize(("days", "text"), [((1, 2, 3, 4, 5), "1-5"), ((6, 7), "6,7"), ((1, 3, 4, 5, 7), "1,3-5,7")])
def test_runs_of_days_are_short(days, text):
    assert write_weekdays(days) == text


def test_cells_of_a_workbook_and_of_other_scripts_are_read():
    assert (read_opening("08:00:00"), read_opening("٨:٣٠"), read_weekdays("١-٣، ٥")) == (480, 510, (1, 2, 3, 5))
