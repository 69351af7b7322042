from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from rating.domain.spreads import BARS, NARROWEST_MICRO, round_limits

amounts = st.integers(-(10**14), 10**14)


@given(ends=st.tuples(amounts, amounts).map(sorted))
def test_limits_are_round_and_hold_both_ends(ends):
    low, high = ends

    limits = round_limits(low=low, high=high)

    widths = {upper - lower for lower, upper in pairwise(limits)}
    (width,) = widths
    assert str(width).rstrip("0") in {"1", "2", "5"}
    assert width >= NARROWEST_MICRO
    assert limits[0] <= low
    assert high < limits[-1]
    assert len(limits) - 1 <= BARS + 2
    if low <= 0 <= high:
        assert 0 in limits


def test_backward_ends_are_refused():
    with pytest.raises(ValueError, match="bars"):
        round_limits(low=1, high=0)
