"""Windows of the week as they are typed and shown."""

from contextlib import suppress

import pytest
from hypothesis import given, strategies as st

from tariffs.domain.window_lines import WindowLine, WindowLineUnsound, read_window_lines, write_weekdays

LINES = st.builds(
    WindowLine,
    code=st.sampled_from(["PEAK", "2", "OFF-PEAK", "X-"]),
    weekdays=st.sets(st.integers(1, 7), min_size=1).map(lambda days: tuple(sorted(days))),
    opens_at_minute=st.integers(0, 1439),
    name=st.text("aÖ٣ж白-:1, ", min_size=1, max_size=9).map(str.strip).filter(bool),
)


@given(st.lists(LINES, max_size=5))
def test_what_is_shown_can_be_typed(lines):
    typed = [
        f"{one.code} {write_weekdays(one.weekdays)} {one.opens_at_minute // 60}:{one.opens_at_minute % 60:02d}"
        for one in lines
    ]
    text = "\n".join(f"{opening} {one.name}" for opening, one in zip(typed, lines, strict=True))
    assert read_window_lines(text) == tuple(lines)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text):
    with suppress(WindowLineUnsound):
        assert all(0 <= line.opens_at_minute < 1440 and line.weekdays for line in read_window_lines(text))


@pytest.mark.parametrize(("days", "text"), [((1, 2, 3, 4, 5), "1-5"), ((6, 7), "6,7"), ((1, 3, 4, 5, 7), "1,3-5,7")])
def test_runs_of_days_are_short(days, text):
    assert write_weekdays(days) == text
