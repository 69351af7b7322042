"""What people type and what files may hold."""

from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from billing_site.core import digits
from billing_site.core.money import round_amount


@pytest.mark.parametrize(
    ("text", "places", "value"),
    [
        ("1500", 0, "1500"),
        (" 1 500 ", 0, "1500"),
        ("1,234", 0, "1234"),
        ("12.500", 0, "12500"),
        ("1234.5", 2, "1234.5"),
        ("1234,50", 2, "1234.50"),
        ("1 234,5", 2, "1234.5"),
        ("1\u00a0234,5", 2, "1234.5"),
        ("1,234.50", 2, "1234.50"),
        ("1.234,50", 2, "1234.50"),
        ("1'234.50", 2, "1234.50"),
        ("1,234,567", 2, "1234567"),
        ("1.234", 3, "1.234"),
        ("١٢٣٤٫٥", 2, "1234.5"),
        ("۱۲۳", 2, "123"),
        ("１２３", 0, "123"),
        ("\u200f150\u200e", 0, "150"),
    ],
)
def test_parse_amount_reads_what_people_type(text, places, value):
    assert digits.parse_amount(text, digits=places) == Decimal(value)


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("", 2),
        ("  ", 2),
        ("1e3", 2),
        ("NaN", 2),
        ("Infinity", 2),
        ("0x10", 2),
        ("1_000", 0),
        ("+5", 2),
        ("-5", 2),
        ("5.005", 2),
        ("1.5", 0),
        ("1,234", 2),
        ("1,234", 3),
        ("12,34,5", 2),
        ("1 23", 0),
        ("1234 567", 0),
        ("1,234.567,8", 2),
        ("1 234'567", 0),
        (".5", 2),
        ("5.", 2),
        ("1..5", 2),
        ("5,,5", 2),
        ("9" * 16, 0),
        ("²", 2),
        ("五", 2),
    ],
)
def test_parse_amount_of_anything_doubtful_is_refused(text, places):
    with pytest.raises(digits.NotAnAmount) as refusal:
        digits.parse_amount(text, digits=places)

    assert refusal.value.code == "NOT_AN_AMOUNT"
    assert "%(" not in refusal.value.message


def test_parse_amount_takes_a_minus_only_where_asked():
    assert digits.parse_amount("−12,50", digits=2, allow_negative=True) == Decimal("-12.50")


@given(amount=st.integers(min_value=0, max_value=10**14), places=st.integers(min_value=0, max_value=3))
def test_parse_amount_reads_back_a_grouped_amount(amount, places):
    value = Decimal(amount).scaleb(-places)

    assert digits.parse_amount(f"{value:,.{places}f}".replace(",", " "), digits=places) == value


@given(text=st.text(max_size=30), places=st.integers(min_value=0, max_value=3))
def test_parse_amount_never_breaks(text, places):
    try:
        value = digits.parse_amount(text, digits=places)
    except digits.NotAnAmount:
        return
    assert value >= 0
    assert value == round_amount(value, places=places)


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [
        ("+374 (10) 12-34-56", "+37410123456"),
        ("٠١٠ ١٢٣٤٥٦", "010123456"),
        ("＋３７４", "+374"),
        ("010/12.34.56", "010123456"),
        ("abc", "abc"),
    ],
)
def test_clean_number_input_leaves_digits_and_plus(typed, cleaned):
    assert digits.clean_number_input(typed) == cleaned


@pytest.mark.parametrize("text", ["", "-5", "+5", "1e9", "5.5", "NaN", "٣", "1_000", "0x10", " 5", "1234567", "5\n"])
def test_parse_ascii_digits_takes_digits_only(text):
    """Python's int accepts more than a field of seconds may hold."""
    with pytest.raises(digits.NotDigits):
        digits.parse_ascii_digits(text, 6)


def test_parse_ascii_digits_reads_digits():
    assert digits.parse_ascii_digits("000060", 6) == 60
