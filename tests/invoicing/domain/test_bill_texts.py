"""The operator's own words: names in braces, checked in five languages."""

import pytest
from hypothesis import given, strategies as st

from billing_site.core.own_texts import LANGUAGES, Slip, cut_text
from invoicing.domain.bill_texts import TextPlace, find_slips

PAY = dict.fromkeys(LANGUAGES, "Pay {amount} with the number {account}.")


def test_a_sound_text_has_no_slip():
    assert find_slips(place=TextPlace.HOW_TO_PAY, texts=PAY) == ()


@pytest.mark.parametrize(
    ("text", "slip", "about"),
    [
        ("", Slip.MISSING, ""),
        ("Pay {amount} with {acount}.", Slip.UNKNOWN_NAME, "acount"),
        ("Pay {amount} with {account.", Slip.BRACE, ""),
        ("Pay {amount} with {0}.", Slip.BRACE, ""),
        ("Pay {amount} now.", Slip.NAME_LEFT_OUT, "account"),
        ("{account} {amount}" + "x" * 600, Slip.TOO_LONG, "600"),
    ],
)
def test_slips_are_found_in_the_language_that_has_them(text, slip, about):
    slips = find_slips(place=TextPlace.HOW_TO_PAY, texts={**PAY, "ar": text})

    assert (slip, about) in [(one.slip, one.about) for one in slips]
    assert {one.language for one in slips} == {"ar"}


def test_a_name_of_one_language_is_wanted_in_all():
    slips = find_slips(place=TextPlace.NOTICE, texts=dict.fromkeys(LANGUAGES, "We moved.") | {"en": "Call {phone}."})

    assert [(one.language, one.about) for one in slips] == [(code, "phone") for code in LANGUAGES if code != "en"]


@given(st.text(max_size=80))
def test_pieces_of_any_text_say_all_of_it(text):
    assert "".join(piece.words or f"{{{piece.name}}}" for piece in cut_text(text)) == text.replace("{}", "")
