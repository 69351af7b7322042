"""What people type, in any script."""

from datetime import date

import pytest
from django import forms
from django.template import Context, Template
from django.utils import translation

from billing_site.web.forms import AmountField, DayField, PhoneField, hide_card_numbers


class SampleForm(forms.Form):
    amount = AmountField(label="Amount", currency="EUR", required=False, help_text="With VAT.")
    phone = PhoneField(required=False)
    day = DayField(required=False)
    agreed = forms.BooleanField(required=False)


@pytest.mark.parametrize(("typed", "minor"), [("1 500,25", 150025), ("1,500.25", 150025), ("١٥٠٠", 150000), ("", None)])
def test_amount_field_reads_minor_units(typed, minor):
    form = SampleForm({"amount": typed})

    assert form.is_valid()
    assert form.cleaned_data["amount"] == minor


@pytest.mark.parametrize("typed", ["1.234.5", "abc", "-5", "0.001", "NaN"])
def test_amount_field_refuses_what_is_unclear(typed):
    form = SampleForm({"amount": typed})

    assert list(form.errors) == ["amount"]


def test_amount_field_refuses_in_the_readers_language():
    with translation.override("hy"):
        form = SampleForm({"amount": "abc"})

        assert form.errors["amount"] == ["«<bdi>abc</bdi>»-ը գումար չէ. գրեք միայն թվանշաններ, օրինակ՝ 1500։"]


@pytest.mark.parametrize(
    ("typed", "number"), [("+999 (10) 23-45-67", "+99910234567"), ("١٠ ٢٣٤ ٥٦٧", "10234567"), ("", "")]
)
def test_phone_field_keeps_digits(typed, number):
    form = SampleForm({"phone": typed})

    assert form.is_valid()
    assert form.cleaned_data["phone"] == number


@pytest.mark.parametrize("language", ["en", "hy", "ru", "zh-hans", "ar"])
def test_day_field_speaks_the_browsers_format_in_every_language(language):
    with translation.override(language):
        form = SampleForm({"day": "2026-03-05"})

        assert form.is_valid()
        assert form.cleaned_data["day"] == date(2026, 3, 5)
        assert 'value="2026-03-05"' in str(SampleForm(initial={"day": date(2026, 3, 5)})["day"])


def test_field_tag_ties_label_help_and_error():
    html = Template("{% load saldo %}{% field form.amount %}").render(Context({"form": SampleForm({"amount": "abc"})}))

    assert 'for="id_amount"' in html
    assert 'aria-describedby="id_amount_error id_amount_helptext"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="id_amount_error"' in html
    assert 'id="id_amount_helptext">With VAT.' in html
    assert 'dir="ltr"' in html


def test_words_keep_no_number_of_a_card_and_what_is_no_words_stays():
    """reliability 38: a card's number pasted into a note; passwords, codes and phones are what they are."""

    class Words(forms.Form):
        note = forms.CharField(max_length=300)
        answer = forms.CharField(widget=forms.Textarea)
        code = forms.CharField(max_length=32)
        phone = PhoneField()
        password = forms.CharField(widget=forms.PasswordInput)

    card = "4111 1111 1111 1111"
    form = Words(dict.fromkeys(Words.base_fields, card))
    assert form.is_valid()
    hide_card_numbers(form)

    assert [form.cleaned_data[name] for name in ("note", "answer")] == ["…1111", "…1111"]
    assert [form.cleaned_data[name] for name in ("code", "phone", "password")] == [card, card.replace(" ", ""), card]
