"""One rounding place. Quotients are checked against exact fractions."""

from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from billing_site.core import money
from billing_site.core.errors import BillingError
from billing_site.core.money import RoundingMode

whole = st.integers(min_value=-(10**18), max_value=10**18)
divisor = st.integers(min_value=1, max_value=10**9)


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (RoundingMode.HALF_UP, (3, -3, 1, 0, 1)),
        (RoundingMode.HALF_EVEN, (2, -2, 0, 0, 1)),
        (RoundingMode.HALF_DOWN, (2, -2, 0, 0, 1)),
        (RoundingMode.UP, (3, -3, 1, 1, 1)),
        (RoundingMode.DOWN, (2, -2, 0, 0, 0)),
    ],
)
def test_round_quotient_by_mode(mode, expected):
    quotients = ((5, 2), (-5, 2), (1, 2), (1, 3), (2, 3))

    assert tuple(money.round_quotient(numerator=n, denominator=d, mode=mode) for n, d in quotients) == expected


@given(numerator=whole, denominator=divisor)
def test_round_half_up_is_nearest_and_away_from_zero_on_ties(numerator, denominator):
    rounded = money.round_half_up(numerator=numerator, denominator=denominator)

    distance = rounded - Fraction(numerator, denominator)
    assert abs(distance) <= Fraction(1, 2)
    assert abs(distance) < Fraction(1, 2) or abs(rounded) > abs(Fraction(numerator, denominator))


@given(numerator=whole, denominator=divisor, mode=st.sampled_from(RoundingMode))
def test_round_quotient_ignores_where_the_sign_stands(numerator, denominator, mode):
    rounded = money.round_quotient(numerator=numerator, denominator=denominator, mode=mode)

    assert money.round_quotient(numerator=-numerator, denominator=-denominator, mode=mode) == rounded
    assert money.round_quotient(numerator=-numerator, denominator=denominator, mode=mode) == -rounded


def test_round_quotient_by_zero_raises():
    with pytest.raises(ZeroDivisionError):
        money.round_quotient(numerator=1, denominator=0)


def test_round_amount_ignores_the_decimal_context():
    with localcontext() as context:
        context.prec = 3

        assert money.round_amount(Decimal("123456.785"), places=2) == Decimal("123456.79")


def test_round_amount_to_tens():
    assert money.round_amount(Decimal(1250), places=-2) == Decimal(1300)


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity"])
def test_round_amount_of_no_number_is_refused(text):
    with pytest.raises(money.AmountNotExact):
        money.round_amount(Decimal(text), places=2)


@given(amount=whole, digits=st.integers(min_value=0, max_value=6))
def test_minor_and_micro_round_trip(amount, digits):
    assert money.micro_to_minor(money.minor_to_micro(amount, digits=digits), digits=digits) == amount
    assert money.decimal_to_minor(money.minor_to_decimal(amount, digits=digits), digits=digits) == amount
    assert money.decimal_to_micro(money.micro_to_decimal(amount)) == amount


def test_micro_to_minor_rounds_half_away_from_zero():
    assert money.micro_to_minor(1_005_000, digits=2) == 101
    assert money.micro_to_minor(-1_005_000, digits=2) == -101
    assert money.micro_to_minor(499_999, digits=0) == 0


def test_minor_to_decimal_keeps_the_places():
    assert str(money.minor_to_decimal(-5, digits=3)) == "-0.005"
    assert str(money.minor_to_decimal(1200, digits=0)) == "1200"


def test_decimal_to_minor_with_excess_digits_is_refused():
    with pytest.raises(money.AmountNotExact) as refusal:
        money.decimal_to_minor(Decimal("5.005"), digits=2)

    assert refusal.value.message == "5.005 has more than 2 decimals."
    assert money.decimal_to_minor(Decimal("5.500"), digits=1) == 55


def test_decimal_to_micro_with_seven_places_is_refused():
    with pytest.raises(BillingError):
        money.decimal_to_micro(Decimal("0.0000001"))


def test_round_micro_rounds_to_places_of_the_major_unit():
    assert money.round_micro(numerator=641_666_667, denominator=1000, places=4, mode=RoundingMode.UP) == 641_700
    assert money.round_micro(numerator=1, denominator=3, places=6) == 0


@pytest.mark.parametrize("places", [-1, 7])
def test_scales_outside_micro_units_are_refused(places):
    with pytest.raises(ValueError, match=r"0\.\.6"):
        money.round_micro(numerator=1, denominator=1, places=places)
    with pytest.raises(ValueError, match=r"0\.\.6"):
        money.micro_to_minor(1, digits=places)


@given(total=whole, weights=st.lists(st.integers(min_value=0, max_value=10**9), min_size=1, max_size=20))
def test_split_by_weights_sums_and_stays_within_one(total, weights):
    parts = money.split_by_weights(total, weights)

    assert sum(parts) == total
    if sum(weights):
        assert all(abs(part - Fraction(total * w, sum(weights))) < 1 for part, w in zip(parts, weights, strict=True))


def test_split_by_weights_serves_ties_by_position():
    assert money.split_by_weights(100, [1, 1, 1]) == (34, 33, 33)
    assert money.split_by_weights(-100, [1, 1, 1]) == (-34, -33, -33)
    assert money.split_by_weights(5, [0, 0]) == (3, 2)
    assert money.split_by_weights(0, []) == ()


def test_split_by_weights_of_something_over_nothing_is_refused():
    with pytest.raises(ValueError, match="nothing to share"):
        money.split_by_weights(1, [])
    with pytest.raises(ValueError, match="negative"):
        money.split_by_weights(1, [1, -1])


@pytest.fixture
def iso_digits_only(monkeypatch):
    monkeypatch.setattr(money, "_digits_by_operator", {})


@pytest.mark.usefixtures("iso_digits_only")
def test_currency_digits_follow_iso_unless_the_operator_differs():
    assert [money.currency_digits(code) for code in ("EUR", "AMD", "JPY", "KWD", "CLF")] == [2, 2, 0, 3, 4]

    money.configure_currency_digits(digits={"AMD": 0})

    assert money.currency_digits("AMD") == 0


@pytest.mark.parametrize("code", ["amd", "", "EURO", "€"])
def test_currency_digits_of_no_code_is_refused(code):
    with pytest.raises(money.UnknownCurrency):
        money.currency_digits(code)
