"""Running numbers of files, and where they begin again."""

import pytest
from hypothesis import given, strategies as st

from rating.domain.cdr_formats.column_maps import ColumnMapRefused
from rating.domain.cdr_formats.sequences import SequenceRule

WRAPPED = SequenceRule(first=1, last=9999)


@pytest.mark.parametrize(
    ("number", "latest", "place"),
    [(7, None, 7), (8, 7, 8), (1, 9999, 10_000), (9998, 9999, 9998), (9999, 10_000, 9999), (3, 19_998, 20_001)],
)
def test_place_of_is_the_one_nearest_to_the_next(number, latest, place):
    assert WRAPPED.place_of(number, latest=latest) == place
    assert WRAPPED.number_at(place) == number


@given(
    first=st.integers(0, 5),
    span=st.integers(10, 10_000),
    latest=st.integers(-50_000, 50_000),
    step=st.integers(-4, 5),
)
def test_place_of_any_number_near_the_latest_is_found_again(first, span, latest, step):
    rule = SequenceRule(first=first, last=first + span)
    place = latest + 1 + step
    assert rule.place_of(rule.number_at(place), latest=latest) == place


def test_place_of_without_an_end_is_the_number():
    assert SequenceRule().place_of(1, latest=9999) == 1
    assert SequenceRule().number_at(10_000) == 10_000


def test_rule_that_ends_before_it_begins_is_refused():
    with pytest.raises(ColumnMapRefused):
        SequenceRule(first=5, last=5)
