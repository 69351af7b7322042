"""Numbers, keys and zones by column equal those of the core, one by one."""

from datetime import date

import polars as pl
from hypothesis import given, settings, strategies as st

from billing_site.core.periods import DatePeriod
from rating.domain.duplicate_keys import duplicate_key
from rating.domain.guiding import NumberingPlan, normalise_number
from rating.engine.days import day_number
from rating.engine.numbers import duplicate_keys, normalise_numbers
from rating.engine.zones import zones_of
from tariffs.domain.prefixes import PrefixEntry, PrefixTable
from tariffs.domain.price_book import PriceBook

PLAN = NumberingPlan(country_code="999", national_lengths=frozenset({8}), short_codes=frozenset({"101", "00112"}))
DIALLED = st.one_of(
    st.text("0019+", max_size=17),
    st.sampled_from(
        ["99910123456", "010123456", "0044201632960", "+44201632960", "101", "00112", "anonymous", "9 99-10", "٣٤٥", ""]
    ),
)
REFERENCES = st.sampled_from(["", "a-1", "é", "x" * 50])
CHANGE = date(2026, 4, 1)


@settings(max_examples=200, deadline=None)
@given(st.lists(DIALLED, min_size=1, max_size=30))
def test_normalise_any_text_equals_core(texts):
    found = normalise_numbers(pl.Series(texts), PLAN)
    readings = [normalise_number(text, PLAN) for text in texts]
    assert found["fault"].to_list() == [reading.fault and str(reading.fault) for reading in readings]
    assert found["number"].to_list() == [None if reading.fault else reading.number for reading in readings]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(DIALLED, DIALLED, st.integers(0, 86_400), REFERENCES), min_size=1),
    st.booleans(),
)
def test_duplicate_keys_any_calls_equal_core(rows, joins):
    frame = pl.DataFrame(rows, schema=["calling", "called", "duration", "call_ref"], orient="row")
    expected = [
        duplicate_key(calling=calling, called=called, duration_seconds=duration, call_ref=ref, joins=joins)
        for calling, called, duration, ref in rows
    ]
    assert duplicate_keys(frame, joins=joins).to_list() == expected


@settings(max_examples=200, deadline=None)
@given(
    st.sets(st.text("129", min_size=1, max_size=5), max_size=20),
    st.lists(st.tuples(st.text("0129", min_size=1, max_size=14), st.integers(-2, 2)), min_size=1, max_size=30),
)
def test_zones_any_prefixes_equal_core(prefixes, calls):
    """A prefix that changes its zone, prefixes inside prefixes, numbers shorter than any prefix."""
    entries = []
    for at, prefix in enumerate(sorted(prefixes)):
        if at % 3 == 0:
            entries.append(PrefixEntry(prefix=prefix, zone_id=at, valid=DatePeriod(date(2020, 1, 1), CHANGE)))
            entries.append(PrefixEntry(prefix=prefix, zone_id=100 + at, valid=DatePeriod(CHANGE)))
        else:
            entries.append(PrefixEntry(prefix=prefix, zone_id=at))
    table = PrefixTable(tuple(entries))
    first = day_number(CHANGE)
    frame = pl.DataFrame(
        {
            "called": [called for called, _ in calls],
            "day": [first + shift for _, shift in calls],
            "service": [0] * len(calls),
        },
        schema={"called": pl.String, "day": pl.Int32, "service": pl.Int8},
    )
    expected = [table.zone_of(called, on=date.fromordinal(CHANGE.toordinal() + shift)) for called, shift in calls]
    assert zones_of(frame, book=PriceBook(prefixes=table, plans=())).to_list() == expected
