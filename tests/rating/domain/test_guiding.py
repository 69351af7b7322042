"""One function reads numbers; one finds who held them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from billing_site.core.periods import InstantPeriod
from rating.domain.guiding import Holding, HoldingTable, NumberFault, NumberingPlan, normalise_number

SAMPLES = Path(__file__).parents[4] / "shared" / "samples" / "numbers"
HOME = NumberingPlan(
    country_code="374",
    national_lengths=frozenset({8}),
    area_code="10",
    local_lengths=frozenset({6}),
    short_codes=frozenset({"101", "1010"}),
)
NORTH = NumberingPlan(
    country_code="7", national_lengths=frozenset({10}), trunk_prefix="8", international_prefixes=("810",)
)
CHANGE = datetime(2026, 3, 5, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "number", "kind"),
    [
        ("+37410123456", "37410123456", "NATIONAL"),
        ("0037410123456", "37410123456", "NATIONAL"),
        ("010123456", "37410123456", "NATIONAL"),
        ("10123456", "37410123456", "NATIONAL"),
        ("37410123456", "37410123456", "NATIONAL"),
        ("(010) 12-34-56", "37410123456", "NATIONAL"),
        ("123456", "37410123456", "LOCAL"),
        ("+79161234567", "79161234567", "INTERNATIONAL"),
        ("0079161234567", "79161234567", "INTERNATIONAL"),
        ("101", "0101", "SHORT_CODE"),
        ("1010", "01010", "SHORT_CODE"),
    ],
)
def test_normalise_number_takes_every_way_of_dialling(text, number, kind):
    reading = normalise_number(text, HOME)

    assert (reading.number, reading.kind, reading.fault, reading.original) == (number, kind, None, text)
    assert reading.message is None


@pytest.mark.parametrize(
    ("text", "number"),
    [("89161234567", "79161234567"), ("81037410123456", "37410123456"), ("9161234567", "79161234567")],
)
def test_normalise_number_by_the_prefixes_of_another_plan(text, number):
    assert normalise_number(text, NORTH).number == number


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "NUMBER_EMPTY"),
        ("  ", "NUMBER_EMPTY"),
        ("Anonymous", "NUMBER_EMPTY"),
        ("test", "NUMBER_NOT_DIGITS"),
        ("+", "NUMBER_NOT_DIGITS"),
        ("10+123456", "NUMBER_NOT_DIGITS"),
        ("*100#", "NUMBER_NOT_DIGITS"),
        ("١٠١٢٣٤٥٦", "NUMBER_NOT_DIGITS"),
        ("102", "NUMBER_TOO_SHORT"),
        ("+37", "NUMBER_TOO_SHORT"),
        ("1" * 40, "NUMBER_TOO_LONG"),
        ("+" + "1" * 16, "NUMBER_TOO_LONG"),
        ("0101234567", "NUMBER_LENGTH"),
        ("+374101234567", "NUMBER_LENGTH"),
        ("+0123456789", "NUMBER_LENGTH"),
        ("00012345678", "NUMBER_LENGTH"),
        ("4912345678", "NUMBER_LENGTH"),
    ],
)
def test_normalise_number_says_why_it_refuses(text, fault):
    reading = normalise_number(text, HOME)

    assert (reading.number, reading.kind, reading.fault) == ("", None, fault)
    assert "%(" not in str(reading.message)


def test_bare_foreign_numbers_are_taken_only_from_sources_that_write_them():
    writes_bare = NumberingPlan(country_code="374", national_lengths=frozenset({8}), bare_international=True)

    assert normalise_number("4912345678", writes_bare).number == "4912345678"
    assert normalise_number("3741012345", writes_bare).fault is NumberFault.NUMBER_LENGTH


@given(text=st.text(max_size=45))
def test_normalise_number_never_breaks(text):
    reading = normalise_number(text, HOME)

    assert (reading.fault is None) == bool(reading.number)
    assert (reading.message is None) == bool(reading.number)
    assert reading.number == "" or (reading.number.isascii() and reading.number.isdigit())


@given(national=st.from_regex(r"[1-9][0-9]{7}", fullmatch=True))
def test_normalise_number_is_stable_and_agrees_on_all_forms(national):
    full = normalise_number("+374" + national, HOME).number

    assert {normalise_number(form + national, HOME).number for form in ("", "0", "374", "00374")} == {full}
    assert normalise_number(full, HOME).number == full


@pytest.mark.skipif(not SAMPLES.exists(), reason="the samples are not beside the project")
def test_normalise_number_reads_the_published_examples():
    lines = (SAMPLES / "374-examples.csv").read_text(encoding="utf-8").splitlines()[1:]
    examples = [line.split(";")[2].strip().strip('"') for line in lines if line.strip()]
    full = [example for example in examples if len(example) == 8]

    assert full
    assert [normalise_number("0" + example, HOME).number for example in full] == ["374" + example for example in full]


def holding(subscription_id, start, until):
    return Holding(
        number="37410123456",
        subscription_id=subscription_id,
        account_id=subscription_id,
        period=InstantPeriod(start, until),
    )


@given(shift=st.integers(min_value=-60, max_value=60))
def test_holder_at_every_second_around_a_move(shift):
    table = HoldingTable((holding(2, CHANGE, None), holding(1, CHANGE - timedelta(days=9), CHANGE)))

    found = table.holder_at("37410123456", at=CHANGE + timedelta(seconds=shift))

    assert found is not None
    assert found.subscription_id == (1 if shift < 0 else 2)


def test_holder_in_a_gap_or_of_a_free_number_is_nobody():
    table = HoldingTable((holding(1, CHANGE - timedelta(days=9), CHANGE), holding(2, CHANGE + timedelta(days=1), None)))

    assert table.holder_at("37410123456", at=CHANGE) is None
    assert table.holder_at("37410123456", at=CHANGE - timedelta(days=10)) is None
    assert table.holder_at("37499000000", at=CHANGE) is None


def test_number_held_twice_is_refused():
    with pytest.raises(ValueError, match="held twice"):
        HoldingTable((holding(1, CHANGE, None), holding(2, CHANGE + timedelta(days=1), None)))
