"""The guard that other pages rely on must itself see what it is for."""

import pytest

from tests.web.wrapped import assert_numbers_wrapped, bare_numbers


@pytest.mark.parametrize(
    "text",
    [
        "+999 90 000 123",
        "10234567",
        "-5",
        "18 340",
        "18\u202f340,50",
        "1,204",
        "12.5",
        "INV-2026-03-000123",
        "0007741-3",
    ],
)
def test_bare_numbers_outside_bdi_are_found(text):
    assert bare_numbers(f"<html dir='ltr'><body><p>To pay: {text}</p></body></html>") == [f"To pay: {text}"]


@pytest.mark.parametrize("text", ["Page 3", "64 %", "F10", "Alt+1…9", "City 200", "stage 3 of 5", "2026"])
def test_bare_numbers_in_plain_words_are_left(text):
    assert bare_numbers(f"<p>{text}</p>") == []


def test_bare_numbers_inside_ltr_are_left():
    html = '<p><bdi dir="ltr">-16 048,50</bdi><svg direction="ltr"><text>12.5</text></svg></p><script>12345678</script>'

    assert_numbers_wrapped(html)


def test_bare_numbers_alone_in_bdi_are_left_but_not_beside_arabic():
    assert bare_numbers("<bdi>2026-03</bdi>") == []
    assert bare_numbers("<bdi>نجلاء 10234567</bdi>") == ["نجلاء 10234567"]


def test_bare_numbers_after_a_closed_bdi_are_found():
    assert bare_numbers('<p><bdi dir="ltr">1,000</bdi> or 10234567</p>') == ["or 10234567"]


def test_bare_numbers_input_without_direction_is_found():
    assert bare_numbers('<input type="tel" name="phone"><input inputmode="decimal" dir="ltr" name="sum">') == [
        "input phone"
    ]


def test_assert_numbers_wrapped_on_bare_number_fails():
    with pytest.raises(AssertionError, match="10234567"):
        assert_numbers_wrapped("<p>10234567</p>")
