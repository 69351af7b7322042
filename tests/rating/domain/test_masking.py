"""D12: the last three digits of called numbers stay hidden."""

from hypothesis import given, strategies as st

from rating.domain.masking import is_shown_whole, mask_number, may_match

NUMBERS = st.text("0123456789", min_size=3, max_size=15)


def test_last_three_digits_are_hidden_but_short_and_premium_numbers_are_whole():
    """Proves D12 for 001-17."""
    assert mask_number("99990000123") == "99990000XXX"
    assert mask_number("0103") == "103"
    assert mask_number("0118118") == "118118"
    assert mask_number("99990000123", is_premium=True) == "99990000123"
    assert mask_number("internet.mobile") == "internet.mobile"


@given(NUMBERS, st.text("0123456789", min_size=3, max_size=3))
def test_numbers_that_differ_in_hidden_digits_alone_look_and_match_the_same(stem: str, ending: str):
    one, other = f"9991{stem}000", f"9991{stem}{ending}"

    assert mask_number(one) == mask_number(other)
    for typed in (one, other, stem, f"9991{stem}"):
        assert may_match(one, typed) == may_match(other, typed)


@given(NUMBERS, NUMBERS)
def test_what_matches_is_what_is_shown(number: str, typed: str):
    shown = mask_number(number)
    if is_shown_whole(number):
        assert may_match(number, typed) == shown.startswith(typed)
    elif may_match(number, typed):
        assert shown.startswith(typed) or shown[:-3] == typed[:-3]
