"""Numbers of payment cards: which are found, and what is left of them (reliability 38, 3f.8)."""

import pytest
from hypothesis import given, settings, strategies as st

from billing_site.core.cards import has_card_number, mask_card_numbers


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("4111 1111 1111 1111", "…1111"),
        ("4111111111111111", "…1111"),
        ("card 5500-0000-0000-0004, thanks", "card …0004, thanks"),
        ("Amex 3782 822463 10005, Diners 3056 930902 5904", "Amex …0005, Diners …5904"),
        ("4222222222222 and 4111 1111-1111 1111", "…2222 and …1111"),
        ("Мир 2200000000000004; 6212345678901232", "Мир …0004; …1232"),
    ],
)
def test_number_of_a_card_is_masked(text, kept):
    assert mask_card_numbers(text) == kept
    assert has_card_number(text)
    assert not has_card_number(kept)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "4111 1111 1111 1112",  # no check digit
        "1111 1111 1111 1117",  # no issuer
        "call 37410200000",
        "a4111111111111111",  # a part of a code
        "411111111 1111111",  # two numbers that follow each other
        "INV-2026-000123 of 2026-03-05",
    ],
)
def test_other_numbers_stay(text):
    assert mask_card_numbers(text) == text
    assert not has_card_number(text)


@settings(max_examples=25)
@given(body=st.integers(min_value=0, max_value=10**14 - 1), before=st.text(max_size=3), wrong=st.integers(1, 9))
def test_only_the_right_check_digit_makes_a_number_of_a_card(body, before, wrong):
    digits = f"4{body:014d}"
    found = [n for n in range(10) if has_card_number(f"{before} {digits}{n} ")]

    assert len(found) == 1
    assert not has_card_number(f"{digits}{(found[0] + wrong) % 10}")
