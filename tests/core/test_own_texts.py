"""The operator's own words become sentences with values, and back."""

import pytest
from hypothesis import given, strategies as st

from billing_site.core.own_texts import LANGUAGES, Slip, find_text_slips, message_of, text_of

PLACES = {"account": "account", "amount": "overdue_minor"}
words = st.text(st.characters(blacklist_characters="{}"), max_size=30)


@given(words, words, words)
def test_every_word_is_said_as_it_was_typed_with_the_values_in_their_places(before, between, after):
    """001-13: per cent signs and everything else survive the filling in."""
    text = f"{before}{{amount}}{between}{{account}}{after}"
    values = {"account": "100000017", "overdue_minor": "1 250.00"}

    assert message_of(text, places=PLACES) % values == f"{before}1 250.00{between}100000017{after}"


@given(words.filter(lambda one: "%" not in one))
def test_sentence_of_the_house_is_offered_as_a_text_that_says_the_same(word):
    message = f"{word} %(overdue_minor)s %(account)s 100%%"
    text = text_of(message, places=PLACES)

    assert text == f"{word} {{amount}} {{account}} 100%"
    assert message_of(text, places=PLACES) == message


@pytest.mark.parametrize(
    ("text", "slip"), [("Pay.", Slip.NAME_LEFT_OUT), ("Pay {amount} {due}.", Slip.UNKNOWN_NAME), (" ", Slip.MISSING)]
)
def test_slips_of_a_text_are_found_by_what_it_may_and_must_name(text, slip):
    texts = {**dict.fromkeys(LANGUAGES, "Pay {amount}."), "hy": text}
    slips = find_text_slips(texts=texts, names=PLACES, needed=frozenset({"amount"}), most=60)

    assert (slip, "hy") in {(one.slip, one.language) for one in slips}
