"""Every tag wraps what it shows."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.template import Context, Template
from django.utils import translation

from billing_site.core.errors import BillingError
from billing_site.core.messages import Message
from billing_site.web.wrapping import pairs_html, ready_sentence_html
from tests.web.wrapped import assert_numbers_wrapped


def shown(source, **values):
    return Template("{% load saldo i18n %}" + source).render(Context(values)).strip()


@pytest.mark.parametrize(
    ("source", "value", "expected"),
    [
        ("{% num value %}", -1234, '<bdi dir="ltr" class="num neg">-1,234</bdi>'),
        ("{% money value %}", 18340, '<bdi dir="ltr" class="num">18,340</bdi>'),
        ('{% money value "EUR" %}', 1, '<bdi dir="ltr" class="num">0.01&nbsp;<span class="cur">EUR</span></bdi>'),
        ("{% micro value %}", 80_000_000, '<bdi dir="ltr" class="num">80.00</bdi>'),
        ("{% amount value %}", Decimal("20.5"), '<bdi dir="ltr" class="num">20.5</bdi>'),
        ("{% duration value %}", 65, '<bdi dir="ltr" class="num">1:05</bdi>'),
        ("{% phone value %}", "10234567", '<bdi dir="ltr" class="phone">10 234 567</bdi>'),
        ("{% code value %}", "INV-<1>", '<bdi dir="ltr" class="code">INV-&lt;1&gt;</bdi>'),
        (
            "{% date value %}",
            date(2026, 3, 5),
            '<bdi dir="ltr" class="num"><time datetime="2026-03-05">2026-03-05</time></bdi>',
        ),
        ("{% text value %}", "<b>Անի", "<bdi>&lt;b&gt;Անի</bdi>"),
    ],
)
def test_tag_wraps(source, value, expected):
    assert shown(source, value=value) == expected


def test_instant_tag_names_the_zone_for_programs():
    html = shown("{% instant value %}", value=datetime(2026, 3, 5, 6, 12, tzinfo=UTC))

    assert html == '<bdi dir="ltr" class="num"><time datetime="2026-03-05T10:12:00+04:00">2026-03-05 10:12</time></bdi>'


@pytest.mark.parametrize(
    "tag", ["num", "money", "micro", "amount", "date", "instant", "duration", "phone", "code", "state", "text"]
)
def test_tag_without_value_shows_a_dash(tag):
    assert shown(f"{{% {tag} value %}}", value=None) == '<span class="none">–</span>'


def test_state_tag_has_word_shape_and_colour():
    with translation.override("hy"):
        html = shown("{% state value %}", value="DONE")

    assert html == '<span class="chip good"><span class="shape" aria-hidden="true">●</span>Ավարտված է</span>'


def test_state_tag_unknown_state_is_quiet():
    assert "Gone_away" not in shown("{% state value %}", value="GONE_AWAY")
    assert 'class="chip quiet"' in shown("{% state value %}", value="GONE_AWAY")


def test_name_in_tag_marks_another_language():
    names = {"en": "City 200", "hy": "Քաղաք 200"}

    with translation.override("hy"):
        assert shown("{% name_in value %}", value=names) == "<bdi>Քաղաք 200</bdi>"
    with translation.override("ar"):
        assert shown("{% name_in value %}", value=names) == '<bdi lang="en">City 200</bdi>'


def test_sentence_tag_translates_then_fills_and_wraps():
    error = BillingError(
        "The list has more than %(limit)s rows. Narrow the filter; nothing was exported.", context={"limit": 100000}
    )

    with translation.override("ru"):
        html = shown("{% sentence value %}", value=error)

    assert html.startswith('В списке больше <bdi dir="ltr" class="num">100\u202f000</bdi> строк.')
    assert_numbers_wrapped(html)


def test_sentence_tag_escapes_values():
    message = Message(msgid="Hello %(name)s", params={"name": "<script>"})

    assert shown("{% sentence value %}", value=message) == "Hello <bdi>&lt;script&gt;</bdi>"


def test_ready_sentence_wraps_what_is_read_from_left_to_right():
    wrapped = ready_sentence_html("من 2026-01-29: X01-20260228.csv, 4\u202f500 < 7.")

    assert wrapped == (
        'من <bdi dir="ltr">2026-01-29</bdi>: <bdi dir="ltr">X01-20260228.csv</bdi>, '
        '<bdi dir="ltr">4\u202f500</bdi> &lt; <bdi dir="ltr">7</bdi>.'
    )


def test_pairs_of_a_label_are_kept_together_and_the_rest_is_escaped():
    wrapped = pairs_html("<مثل> \u200e2 = MESSAGE، ثم EUR = 430.")

    assert wrapped == ('&lt;مثل&gt; <bdi dir="ltr">2 = MESSAGE</bdi>، ثم <bdi dir="ltr">EUR = 430</bdi>.')
