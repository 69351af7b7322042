"""Django's own forms and admin write dates and numbers as ours do (D8)."""

from datetime import date

import pytest
from django.forms import DateField
from django.utils import formats, translation


@pytest.mark.parametrize(
    ("language", "day", "number"),
    [
        ("hy", "05.03.2026", "1\u202f234\u202f567,89"),
        ("ru", "05.03.2026", "1\xa0234\xa0567,89"),
        ("zh-hans", "2026-03-05", "1,234,567.89"),
        ("ar", "2026-03-05", "1,234,567.89"),
        ("en", "2026-03-05", "1,234,567.89"),
    ],
)
def test_formats_of_each_language(language, day, number):
    with translation.override(language):
        assert formats.date_format(date(2026, 3, 5), "SHORT_DATE_FORMAT") == day
        assert formats.number_format("1234567.89", use_l10n=True, force_grouping=True) == number


@pytest.mark.parametrize(
    ("language", "typed"), [("hy", "05.03.2026"), ("en", "2026-03-05"), ("ar", "2026-03-05"), ("zh-hans", "2026-03-05")]
)
def test_formats_are_taken_back_as_written(language, typed):
    with translation.override(language):
        assert DateField(localize=True).clean(typed) == date(2026, 3, 5)
