"""Form fields for what people type: days, amounts, phones, in any script's digits."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from billing_site.core.cards import mask_card_numbers
from billing_site.core.digits import NotAnAmount, clean_number_input, parse_amount, to_ascii_digits
from billing_site.core.money import MICRO_PLACES, currency_digits, decimal_to_minor
from billing_site.core.names import name_in
from billing_site.web.refusals import refusal_html
from billing_site.web.wrapping import current_language

# Only the checker knows these as generic: Django's own classes are not.
if TYPE_CHECKING:
    ModelChoiceField = forms.ModelChoiceField[Any]
    ModelMultipleChoiceField = forms.ModelMultipleChoiceField[Any]
else:
    ModelChoiceField = forms.ModelChoiceField
    ModelMultipleChoiceField = forms.ModelMultipleChoiceField

AMOUNT_LENGTH = 40
# A field that takes so much is for words; shorter ones are for numbers and codes.
WORDS_LENGTH = 70
AMOUNT_ATTRS = {"inputmode": "decimal", "dir": "ltr", "autocomplete": "off", "size": "14"}
NAME_LENGTH = 100
PHONE_LENGTH = 32


class DayField(forms.DateField):
    """A day, chosen in the browser's own calendar or typed as ``2026-03-05``."""

    def __init__(self, **options: Any) -> None:
        """Show the day as ``<input type=date>`` wants it, whatever the language."""
        options.setdefault("widget", forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "dir": "ltr"}))
        super().__init__(**options)

    def to_python(self, value: Any) -> Any:
        """Take digits of any script."""
        return super().to_python(to_ascii_digits(value) if isinstance(value, str) else value)


class AmountField(forms.CharField):
    """An amount of the major unit: comma or point, groups or none. The cleaned value is in minor units."""

    def __init__(self, *, currency: str = "", allow_negative: bool = False, **options: Any) -> None:
        """Take as many decimals as the currency has (the operator's own when none is named)."""
        self.currency, self.allow_negative = currency, allow_negative
        options.setdefault("max_length", AMOUNT_LENGTH)
        options.setdefault("widget", forms.TextInput(attrs={**AMOUNT_ATTRS}))
        super().__init__(**options)

    def clean(self, value: Any) -> int | None:
        """Return minor units, or nothing where nothing was typed and nothing is required."""
        text = super().clean(value)
        return self._minor(text) if text else None

    def _minor(self, text: str) -> int:
        digits = currency_digits(self.currency or settings.SALDO_CURRENCY)
        try:
            amount: Decimal = parse_amount(text, digits=digits, allow_negative=self.allow_negative)
        except NotAnAmount as error:
            raise ValidationError(refusal_html(error)) from error
        return decimal_to_minor(amount, digits=digits)


class PriceField(forms.CharField):
    """A price or a percentage, typed as amounts are, with more decimals than money has. The cleaned value is exact."""

    def __init__(self, *, places: int = MICRO_PLACES, **options: Any) -> None:
        """Take as many decimals as a price list keeps, or as many as named."""
        self.places = places
        options.setdefault("max_length", AMOUNT_LENGTH)
        options.setdefault("widget", forms.TextInput(attrs={**AMOUNT_ATTRS}))
        super().__init__(**options)

    def clean(self, value: Any) -> Decimal | None:
        """Return the decimal, or nothing where nothing was typed and nothing is required."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_amount(text, digits=self.places)
        except NotAnAmount as error:
            raise ValidationError(refusal_html(error)) from error


class PhoneField(forms.CharField):
    """A phone number as people write it; the cleaned value holds digits (and a leading plus) alone."""

    def __init__(self, **options: Any) -> None:
        """Let the phone keyboard of a touch screen open."""
        options.setdefault("max_length", PHONE_LENGTH)
        options.setdefault("widget", forms.TextInput(attrs={"inputmode": "tel", "dir": "ltr", "size": "16"}))
        super().__init__(**options)

    def clean(self, value: Any) -> str:
        """Return the number without spaces, dashes and brackets."""
        return clean_number_input(str(super().clean(value) or ""))


class ClockField(forms.TimeField):
    """A time of day, typed as ``19:04`` or ``19:04:10`` in any script's digits."""

    def __init__(self, **options: Any) -> None:
        """Show it as ``<input type=time>`` wants it, whatever the language."""
        widget = forms.TimeInput(format="%H:%M:%S", attrs={"type": "time", "step": "1", "dir": "ltr"})
        options.setdefault("widget", widget)
        options.setdefault("input_formats", ["%H:%M:%S", "%H:%M"])
        super().__init__(**options)

    def to_python(self, value: Any) -> Any:
        """Take digits of any script."""
        return super().to_python(to_ascii_digits(value).replace("：", ":") if isinstance(value, str) else value)


class NamedChoice(ModelChoiceField):
    """A choice among things with a code and names: both are read."""

    def label_from_instance(self, obj: Any) -> str:
        """Return code and name in the page's language."""
        return _code_and_name(obj)


class NamedChoices(ModelMultipleChoiceField):
    """A choice of several such things."""

    def label_from_instance(self, obj: Any) -> str:
        """Return code and name in the page's language."""
        return _code_and_name(obj)


def _code_and_name(row: Any) -> str:
    return f"{row.code} – {name_in(row.names, current_language())}"


class CountField(forms.IntegerField):
    """A whole number, typed in any script's digits."""

    def __init__(self, **options: Any) -> None:
        """Let the keyboard of digits open."""
        options.setdefault("min_value", 0)
        options.setdefault("initial", 0)
        widget = forms.TextInput(attrs={"inputmode": "numeric", "dir": "ltr", "size": "7", "autocomplete": "off"})
        super().__init__(widget=widget, **options)

    def to_python(self, value: Any) -> Any:
        """Take digits of any script."""
        return super().to_python(to_ascii_digits(value) if isinstance(value, str) else value)


class NamesForm(forms.Form):
    """What a thing is called, in five languages; none must be given."""

    name_en = forms.CharField(label=_("Name, English"), max_length=NAME_LENGTH, required=False)
    name_hy = forms.CharField(label=_("Name, Armenian"), max_length=NAME_LENGTH, required=False)
    name_ru = forms.CharField(label=_("Name, Russian"), max_length=NAME_LENGTH, required=False)
    name_zh = forms.CharField(label=_("Name, Chinese"), max_length=NAME_LENGTH, required=False)
    name_ar = forms.CharField(label=_("Name, Arabic"), max_length=NAME_LENGTH, required=False)

    def names(self) -> dict[str, str]:
        """Return the names that were given, by language."""
        typed = {language: self.cleaned_data[f"name_{language[:2]}"] for language, _name in settings.LANGUAGES}
        return {language: name for language, name in typed.items() if name}


def names_initial(names: Mapping[str, str]) -> dict[str, str]:
    """Return what the fields of a form with names show of a thing that has some."""
    return {f"name_{language[:2]}": name for language, name in names.items()}


class CodeAndNames(NamesForm):
    """What a thing of a price list is called: its code, and its name in five languages, of which English must be."""

    code = forms.RegexField(
        r"^[A-Z0-9][A-Z0-9-]{0,31}$", label=_("Code"), help_text=_("Capital letters, digits, dashes.")
    )
    name_en = forms.CharField(label=_("Name, English"), max_length=NAME_LENGTH)
    field_order: "Iterable[str] | None" = ("code", "name_en")


def hide_card_numbers(form: forms.Form) -> None:
    """Let what people wrote in their own words keep no more of a payment card's number than its last four digits."""
    for name, field in form.fields.items():
        value = form.cleaned_data.get(name)
        if _is_for_words(field) and isinstance(value, str):
            form.cleaned_data[name] = mask_card_numbers(value)


def _is_for_words(field: forms.Field) -> bool:
    is_text = type(field) is forms.CharField and isinstance(field.widget, forms.TextInput | forms.Textarea)
    return is_text and (getattr(field, "max_length", None) or WORDS_LENGTH) >= WORDS_LENGTH
