"""A refusal speaks one language: the words of the code in it are those of the screens."""

from html import unescape

import pytest
from django.utils import translation
from django.utils.html import strip_tags

from billing_site.core.messages import Message
from billing_site.web.refusals import message_html

CANNOT_MOVE = "The line is %(state)s: it cannot become %(target)s."
NO_SUCH = "There is no %(kind)s with the code %(code)s."


def said_in(language, msgid, **params):
    with translation.override(language):
        return unescape(strip_tags(message_html(Message(msgid=msgid, params=params))))


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "The line is Terminated: it cannot become Active."),
        ("hy", "Միացումը «Անջատված է» վիճակում է. այն հնարավոր չէ տեղափոխել «Գործում է» վիճակ։"),
        ("ar", "حالة الخط «منتهٍ»، ولا يمكن الانتقال منها إلى «فعّال»."),
    ],
)
def test_states_in_a_refusal_are_words_of_the_reader(language, said):
    assert said_in(language, CANNOT_MOVE, state="TERMINATED", target="ACTIVE") == said


@pytest.mark.parametrize(
    ("msgid", "params", "said"),
    [
        ("%(column)s is missing.", {"column": "Bill item"}, "Հաշվի հոդված. արժեքը պակասում է։"),
        ("%(column)s is missing.", {"column": "prefix"}, "prefix. արժեքը պակասում է։"),
        (NO_SUCH, {"kind": "zone", "code": "X-1"}, "X-1 կոդով «գոտի» տեսակի գրառում չկա։"),
        (NO_SUCH, {"kind": "window", "code": "X-1"}, "X-1 կոդով «Ժամային միջակայք» տեսակի գրառում չկա։"),
    ],
)
def test_columns_and_kinds_in_a_refusal_are_words_of_the_reader(msgid, params, said):
    assert said_in("hy", msgid, **params) == said
