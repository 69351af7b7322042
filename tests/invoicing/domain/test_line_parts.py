"""Parts of a line, taken one after the other, make the whole line."""

import pytest
from hypothesis import given, strategies as st

from invoicing.domain.line_parts import LineAmounts, gross_of_usage, split_part

AMOUNTS = st.builds(
    lambda sign, net, percent: LineAmounts(net_minor=sign * net, tax_minor=sign * ((net * percent + 50) // 100)),
    st.sampled_from([1, -1]),
    st.integers(1, 10**9),
    st.integers(0, 40),
)


@given(line=AMOUNTS, cuts=st.lists(st.integers(1, 99), max_size=6))
def test_parts_make_the_whole(line, cuts):
    left, taken = line, []
    for cut in cuts:
        part_minor = left.gross_minor * cut // 100
        if part_minor and abs(part_minor) < abs(left.gross_minor):
            taken.append(split_part(part_minor=part_minor, left=left))
            left = LineAmounts(
                net_minor=left.net_minor - taken[-1].net_minor, tax_minor=left.tax_minor - taken[-1].tax_minor
            )
    taken.append(split_part(part_minor=left.gross_minor, left=left))

    assert sum(part.net_minor for part in taken) == line.net_minor
    assert sum(part.tax_minor for part in taken) == line.tax_minor


@pytest.mark.parametrize("part_minor", [0, -1, 121])
def test_part_of_more_than_is_left_is_refused(part_minor):
    with pytest.raises(ValueError, match="no more than what is left"):
        split_part(part_minor=part_minor, left=LineAmounts(net_minor=100, tax_minor=20))


@given(line=AMOUNTS, micro=st.integers(-(10**15), 10**15))
def test_calls_never_make_more_than_their_line(line, micro):
    gross = gross_of_usage(amount_micro=micro, line=line, digits=0)

    assert min(line.gross_minor, 0) <= gross <= max(line.gross_minor, 0)


def test_calls_bring_their_share_of_the_tax():
    line = LineAmounts(net_minor=500, tax_minor=100)

    assert gross_of_usage(amount_micro=40_400_000, line=line, digits=0) == 48
