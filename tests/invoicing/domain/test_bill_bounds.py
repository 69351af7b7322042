import pytest
from hypothesis import given, strategies as st

from invoicing.domain.bill_bounds import Bounds, OutOfBounds, bounds_from, middle_of

STRICT = Bounds(parks_zero=True, parks_negative=True, times=5, floor_minor=1000)


@pytest.mark.parametrize(
    ("gross", "usual", "fault"),
    [
        (0, 100, OutOfBounds.ZERO_BILL),
        (-1, 100, OutOfBounds.NEGATIVE_BILL),
        (5000, 1000, None),
        (5001, 1000, OutOfBounds.UNUSUALLY_HIGH),
        # Up to the floor nothing is unusual, and without a bill before nothing is.
        (1000, 1, None),
        (9999, None, None),
        # A usual bill of nothing makes no bill infinite: over the floor it is looked at.
        (1001, 0, OutOfBounds.UNUSUALLY_HIGH),
    ],
)
def test_bill_outside_the_bounds_says_why(gross, usual, fault):
    assert STRICT.find_fault(gross_minor=gross, usual_minor=usual) == fault


@given(st.integers(-(10**9), 10**9), st.none() | st.integers(-(10**9), 10**9))
def test_no_bounds_let_everything_through(gross, usual):
    assert Bounds().find_fault(gross_minor=gross, usual_minor=usual) is None
    assert not Bounds().asks_for_usual(gross_minor=gross)


@given(st.lists(st.integers(-(10**9), 10**9), min_size=1))
def test_middle_is_one_of_the_amounts_with_as_many_on_either_side(amounts):
    middle = middle_of(amounts)

    assert middle in amounts
    assert sum(amount < middle for amount in amounts) <= len(amounts) // 2
    assert sum(amount > middle for amount in amounts) <= len(amounts) // 2


def test_middle_of_nothing_is_nothing():
    assert middle_of([]) is None


def test_bounds_come_back_as_a_run_froze_them():
    kept = {"HOME": {"parks_zero": True, "parks_negative": True, "times": 5, "floor_minor": 1000}}

    assert bounds_from(kept) == {"HOME": STRICT}
