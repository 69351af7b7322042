"""Names, check digits, quantities, refusals and sentences."""

import pytest
from hypothesis import given, strategies as st

from billing_site.core import checkdigits, names, quantities
from billing_site.core.errors import BillingError
from billing_site.core.messages import Message, gettext_noop


def test_name_in_falls_back_to_english_then_to_any():
    assert names.name_in({"en": "City", "hy": "Քաղաք"}, "hy") == "Քաղաք"
    assert names.name_in({"en": "City", "hy": ""}, "hy") == "City"
    assert names.name_in({"ru": "Город", "hy": "Քաղաք"}, "ar") == "Քաղաք"
    assert names.name_in({"zh": "城"}, "zh-hans") == "城"
    assert names.name_in({}, "en") == ""


def test_check_digit_of_a_known_number():
    """The example of ISO 7064 MOD 11,10: 0794 has check digit 5."""
    assert checkdigits.with_check_digit("0794") == "07945"
    assert checkdigits.is_valid("07945")


@given(body=st.text(alphabet="0123456789", min_size=1, max_size=12), data=st.data())
def test_check_digit_catches_every_single_wrong_digit(body, data):
    number = checkdigits.with_check_digit(body)
    position = data.draw(st.integers(min_value=0, max_value=len(number) - 1))
    wrong = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != number[position]]))

    assert checkdigits.is_valid(number)
    assert not checkdigits.is_valid(number[:position] + wrong + number[position + 1 :])


@pytest.mark.parametrize("text", ["", "5", "abc5", "٠٧٩٤٥", "0794 5"])
def test_check_digit_of_no_number_is_invalid(text):
    assert not checkdigits.is_valid(text)


def test_check_digit_of_letters_is_refused():
    with pytest.raises(ValueError, match="digits"):
        checkdigits.with_check_digit("12a")


@given(units=st.integers(min_value=0, max_value=10**9), increment=st.integers(min_value=1, max_value=10**5))
def test_round_up_to_counts_a_started_increment_whole(units, increment):
    rounded = quantities.round_up_to(units, increment)

    assert rounded % increment == 0
    assert units <= rounded < units + increment
    assert quantities.increments_in(units, increment) * increment == rounded


@pytest.mark.parametrize(("units", "increment"), [(-1, 60), (1, 0)])
def test_round_up_to_of_nonsense_is_refused(units, increment):
    with pytest.raises(ValueError, match="cannot count"):
        quantities.round_up_to(units, increment)


class TillClosed(BillingError):
    default_message = "The till is closed."
    default_code = "TILL_CLOSED"


def test_billing_error_has_the_words_of_its_class():
    error = TillClosed()

    assert (error.message, error.code, str(error)) == ("The till is closed.", "TILL_CLOSED", "The till is closed.")


def test_billing_error_fills_its_template_even_a_translated_one():
    error = BillingError("Over by %(amount)s.", code="OVER", context={"amount": 5})

    assert error.message == "Over by 5."
    assert error.fill("%(amount)s zu viel.") == "5 zu viel."
    assert BillingError("100 % wrong").message == "100 % wrong"


def test_message_is_a_sentence_with_values():
    assert str(Message(msgid=gettext_noop("%(n)s calls"), params={"n": 3})) == "3 calls"
    assert str(Message(msgid="100 %")) == "100 %"
