"""A number as it is dialled becomes a number as calls are kept."""

import pytest
from hypothesis import given, strategies as st

from subscribers.domain.dialling import whole_number


@pytest.mark.parametrize(
    ("typed", "whole"),
    [
        ("010223344", "99910223344"),
        ("+37410223344", "37410223344"),
        ("0037410223344", "37410223344"),
        ("99910223344", "99910223344"),
        ("", ""),
    ],
)
def test_dialled_number_is_made_whole(typed, whole):
    assert whole_number(typed, country_code="999") == whole


@given(st.from_regex(r"[1-9][0-9]{2,12}", fullmatch=True))
def test_every_way_of_dialling_abroad_is_the_same_number(number):
    assert {whole_number(sign + number, country_code="999") for sign in ("+", "00", "")} == {number}
