"""Pairs of a revenue transfer (000-04): balanced whatever was earned, and the file that 1C reads."""

import csv
import io
import re
from decimal import Decimal

from hypothesis import given, strategies as st

from reconciliation.domain.exchange_fields import (
    AMOUNT,
    DATE,
    FIELDS,
    HEADINGS,
    NUMBER,
    ExchangeField,
    described,
    example_of,
)
from reconciliation.domain.revenue_entries import Earned, EntryPair, exchange_text, make_pairs, owed_minor
from tests.architecture.source import ROOT

CLASSES = {
    ("RECEIVABLE", "FIXED", ""): "221.1",
    ("REVENUE", "FIXED", ""): "611.1",
    ("REVENUE", "FIXED", "CALLS"): "611.3",
    ("TAX", "", ""): "524",
}
EARNED = st.builds(
    Earned,
    role=st.sampled_from(["REVENUE", "DISCOUNT", "TAX"]),
    kind=st.just("FIXED"),
    item=st.sampled_from(["CALLS", "RENT", "VAT"]),
    amount_minor=st.integers(min_value=-(10**15), max_value=10**15),
)


@given(st.lists(EARNED, max_size=12))
def test_what_is_earned_is_what_subscribers_owe_more(earned):
    pairs = make_pairs(earned, CLASSES)

    assert owed_minor(pairs, CLASSES) == sum(one.amount_minor for one in earned)
    assert all(pair.amount_minor > 0 and "221.1" in {pair.debit_code, pair.credit_code} for pair in pairs)


def test_item_has_its_own_class_and_a_discount_without_one_goes_to_its_revenue():
    pairs = make_pairs([Earned("REVENUE", "FIXED", "CALLS", 9), Earned("DISCOUNT", "FIXED", "RENT", -2)], CLASSES)

    assert [pair[3:] for pair in pairs] == [("611.1", "221.1", 2), ("221.1", "611.3", 9)]


@given(st.lists(EARNED, max_size=12), st.sampled_from([0, 2, 3]))
def test_exchange_file_read_back_is_every_pair_to_the_last_unit(earned, digits):
    """000-04: whoever reads it by its headings, in windows-1251, has the same set."""
    made = make_pairs(earned, CLASSES)
    lines = [(n, pair, f"Ռենտ {pair.item}") for n, pair in enumerate(made, start=1)]
    wish = {"number": "REV-2026-0001", "dated": "28.02.2026", "currency": "AMD", "digits": digits}
    text = exchange_text(**wish, lines=lines).decode("cp1251")

    rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter="\t", quoting=csv.QUOTE_NONE))
    read = [(row["СчетДт"], row["СчетКт"], int(Decimal(row["Сумма"]).scaleb(digits))) for row in rows]
    assert read == [(pair.debit_code, pair.credit_code, pair.amount_minor) for pair in made]
    assert [int(row["НомерСтроки"]) for row in rows] == list(range(1, len(made) + 1))


def test_every_field_of_the_exchange_file_is_documented():
    """000-04: field by field, in the order of the columns, with type, length and example."""
    rows = re.findall(
        r"^\| (\d) \| `(\w+)` \| `([^`]+)` \| [^|]+ \| `([^`]+)` \|$",
        (ROOT / "billing_site/docs/accounting.md").read_text("utf-8"),
        re.MULTILINE,
    )

    assert rows == [
        (str(n), field.heading, described(field, digits=2), example_of(field, digits=2))
        for n, field in enumerate(FIELDS, start=1)
    ]
    assert all(keeps_to(field, example_of(field, digits=digits), digits) for field in FIELDS for digits in (0, 2, 3))


def keeps_to(field: ExchangeField, cell: str, digits: int) -> bool:
    """Say whether a cell is of the type and length that are documented."""
    if field.type == DATE:
        return re.fullmatch(r"\d\d\.\d\d\.\d{4}", cell) is not None
    if field.type in {NUMBER, AMOUNT}:
        decimals = digits if field.type == AMOUNT else 0
        is_number = re.fullmatch(r"[1-9]\d*" if not decimals else rf"\d+\.\d{{{decimals}}}", cell)
        return is_number is not None and len(cell.replace(".", "")) <= field.length
    return 0 < len(cell) <= field.length and cell == cell.strip()


@given(
    st.lists(st.tuples(st.sampled_from(["CALLS", "C" * 32]), st.integers(1, 10**14)), min_size=1, max_size=5),
    st.text(min_size=1, max_size=12),
    st.integers(1, 40),
    st.sampled_from([0, 2, 3]),
)
def test_every_cell_of_the_exchange_file_keeps_to_its_document(earned, word, times, digits):
    """000-04: whatever a bill item is called, a name that is too long is cut and its code is not."""
    made = make_pairs([Earned("REVENUE", "FIXED", item, minor) for item, minor in earned], CLASSES)
    lines = [(n, pair, word * times) for n, pair in enumerate(made, start=1)]

    text = exchange_text(number="REV-2026-0001", dated="28.02.2026", currency="AMD", digits=digits, lines=lines)

    rows = [row.split("\t") for row in text.decode("cp1251").removesuffix("\r\n").split("\r\n")]
    assert rows[0] == list(HEADINGS)
    assert len(rows) == len(made) + 1
    for row, pair in zip(rows[1:], made, strict=True):
        assert all(keeps_to(field, cell, digits) for field, cell in zip(FIELDS, row, strict=True))
        assert row[-1].endswith(f"({pair.item})")


def test_exchange_file_is_a_table_in_the_code_page_of_1c():
    pair = EntryPair("REVENUE", "FIXED", "CALLS", "221.1", "611.3", 123456)
    wish = {"number": "REV-2026-0001", "dated": "28.02.2026", "currency": "AMD"}

    content = exchange_text(**wish, digits=2, lines=[(1, pair, "Звонки 通话")])

    head, row, end = content.decode("cp1251").split("\r\n")
    assert head.split("\t") == list(HEADINGS)
    assert row.split("\t")[3:] == ["221.1", "611.3", "1234.56", "AMD", "Выручка: Звонки ?? (CALLS)"]
    assert end == ""
    assert exchange_text(**wish, digits=0, lines=[(1, pair, "x")]).split(b"\t")[-3] == b"123456"
