"""How people type the length of a call."""

import contextlib

import pytest
from hypothesis import given, strategies as st

from rating.domain.typed_lengths import MAX_SECONDS, NotALength, parse_length, write_length


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("190", 190),
        ("3:10", 190),
        ("3 min 10 s", 190),
        ("3m10s", 190),
        (" 4 min ", 240),
        ("90:00", 5400),
        ("1:02:03", 3723),
        ("1 h 5 s", 3605),
        ("0", 0),
    ],
)
def test_length_is_read_as_it_is_said(text, seconds):
    assert parse_length(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "3:60", "1:60:00", "3:1", "-3", "3.5", "three", "٣:١٠", "1000000", "9999 h", "s", "3 10"]
)
def test_length_that_could_be_two_is_refused(text):
    with pytest.raises(NotALength):
        parse_length(text)


@given(st.integers(0, MAX_SECONDS))
def test_length_as_written_is_read_back(seconds):
    assert parse_length(write_length(seconds)) == seconds


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text):
    seconds = 0
    with contextlib.suppress(NotALength):
        seconds = parse_length(text)

    assert 0 <= seconds <= MAX_SECONDS
