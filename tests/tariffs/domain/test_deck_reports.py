"""What a deck would do is kept and read back the same."""

from datetime import date
from decimal import Decimal

from hypothesis import given, strategies as st

from billing_site.core.messages import Message
from tariffs.domain.deck_checks import PriceChange, RangeFault, RangeKind
from tariffs.domain.deck_reports import DeckReport, read_report, write_report
from tariffs.domain.grids import CellFault

WORDS = st.text(max_size=6)
COUNTS = st.integers(0, 10**9)
DAYS = st.none() | st.dates()
AMOUNTS = st.decimals(0, 10**9, places=6)
MESSAGES = st.builds(
    Message,
    msgid=WORDS,
    params=st.dictionaries(WORDS, WORDS | COUNTS | st.dates() | AMOUNTS, max_size=2),
)
CHANGES = st.builds(
    PriceChange,
    zone=WORDS,
    window=st.none() | WORDS,
    was=st.none() | AMOUNTS,
    becomes=AMOUNTS,
    percent=st.none() | st.integers(),
    is_jump=st.booleans(),
)
RANGES = st.builds(
    RangeFault,
    prefix=WORDS,
    window=st.none() | WORDS,
    kind=st.sampled_from(RangeKind),
    first=DAYS,
    until=DAYS,
    rows=st.tuples(COUNTS, COUNTS),
)


def several(one: st.SearchStrategy) -> st.SearchStrategy:
    return st.lists(one, max_size=2).map(tuple)


REPORTS = st.builds(
    DeckReport,
    columns=several(WORDS),
    unknown_columns=several(WORDS),
    nested=several(st.tuples(WORDS, WORDS)),
    refusals=several(MESSAGES),
    faults=several(st.builds(CellFault, row=COUNTS, column=COUNTS, message=MESSAGES)),
    range_faults=several(RANGES),
    changes=several(CHANGES),
)


@given(REPORTS)
def test_report_is_read_back_as_it_was_written(report):
    assert read_report(write_report(report)) == report


def test_days_and_amounts_of_a_sentence_stay_what_they_are():
    message = Message(msgid="%(a)s %(b)s", params={"a": date(2026, 3, 5), "b": Decimal("1.50")})
    report = DeckReport(
        sheet="", columns=(), unknown_columns=(), row_count=0, prefix_count=0, new_prefix_count=0, moved_prefix_count=0,
        new_zone_count=0, later_count=0, holder_count=0, finding_count=1, fault_count=0, changes_nothing=False,
        nested=(), refusals=(message,), faults=(), range_faults=(), changes=(),
    )  # fmt: skip

    assert read_report(write_report(report)).refusals == (message,)
