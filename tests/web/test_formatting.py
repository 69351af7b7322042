"""Numbers, dates and phones as each language writes them (screens.md 4.3)."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import translation

from billing_site.web.formatting import (
    format_date,
    format_duration,
    format_instant,
    format_micro,
    format_minor,
    format_number,
    format_phone,
    format_span,
)

THIN = "\u202f"


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("hy", f"-1{THIN}234{THIN}567,89"),
        ("ru", f"-1{THIN}234{THIN}567,89"),
        ("en", "-1,234,567.89"),
        ("ar", "-1,234,567.89"),
        ("zh-hans", "-1,234,567.89"),
    ],
)
def test_format_number_in_each_language(language, shown):
    assert format_number(Decimal("-1234567.89"), language=language) == shown


@pytest.mark.parametrize(
    ("value", "decimals", "shown"),
    [
        (0, 0, "0"),
        (999, 0, "999"),
        (1000, 0, "1,000"),
        (Decimal("0.5"), 2, "0.50"),
        (Decimal("-0.00"), 2, "0.00"),
        (Decimal("1.234567"), 2, "1.234567"),
        (Decimal("1E+3"), 0, "1,000"),
        (Decimal("20.00"), 0, "20"),
    ],
)
def test_format_number_keeps_every_decimal(value, decimals, shown):
    assert format_number(value, language="en", min_decimals=decimals) == shown


@pytest.mark.parametrize(
    ("currency", "shown"),
    [("", "1,834,050"), ("AMD", "1,834,050"), ("EUR", "18,340.50"), ("KWD", "1,834.050"), ("JPY", "1,834,050")],
)
def test_format_minor_uses_the_currency_digits(currency, shown):
    assert format_minor(1834050, currency=currency, language="en") == shown


def test_format_micro_is_exact_with_two_decimals_at_least():
    assert [format_micro(each, language="hy") for each in (80_500_000, 1, -2_860_000_000)] == [
        "80,50",
        "0,000001",
        f"-2{THIN}860,00",
    ]


@pytest.mark.parametrize(
    ("language", "short", "long"),
    [
        ("hy", "05.03.2026", "05.03.2026"),
        ("ru", "05.03.2026", "05.03.2026"),
        ("zh-hans", "2026-03-05", "2026年3月5日"),
        ("ar", "2026-03-05", "5 مارس 2026"),
        ("en", "2026-03-05", "2026-03-05"),
    ],
)
def test_format_date_in_each_language(language, short, long):
    day = date(2026, 3, 5)

    assert (format_date(day, language=language), format_date(day, language=language, long=True)) == (short, long)


def test_format_instant_is_in_the_operators_zone():
    instant = datetime(2026, 3, 4, 21, 30, 5, tzinfo=UTC)

    assert format_instant(instant, language="ru", seconds=True) == "05.03.2026 01:30:05"


def test_format_instant_without_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        format_instant(datetime(2026, 3, 4, 21, 30), language="ru")  # noqa: DTZ001 - the point


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("10234567", "10 234 567"),
        ("99910234567", "+999 10 234 567"),
        ("+99990000123", "+999 90 000 123"),
        ("+999900001XX", "+999 90 000 1XX"),
        ("١٠٢٣٤٥٦٧", "10 234 567"),
        ("112", "112"),
        ("+441632960123", "+441 632 960 123"),
        ("80012345", "80 012 345"),
        ("net-0044", "net-0044"),
    ],
)
def test_format_phone_in_groups(number, shown):
    assert format_phone(number) == shown


@pytest.mark.parametrize(("seconds", "shown"), [(0, "0:00"), (65, "1:05"), (3845, "1:04:05"), (-65, "-1:05")])
def test_format_duration(seconds, shown):
    assert format_duration(seconds) == shown


@pytest.mark.parametrize(
    ("language", "shown"),
    [("en", "1 min 28 s"), ("hy", "1 ր 28 վ"), ("ru", "1 мин 28 с"), ("zh-hans", "1 分 28 秒"), ("ar", "1 د 28 ث")],
)
def test_format_span_in_words(language, shown):
    with translation.override(language):
        assert format_span(timedelta(seconds=88)) == shown
