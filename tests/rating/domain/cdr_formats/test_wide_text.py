"""Files in UTF-16 become UTF-8 before they are cut into lines, whatever their bytes hold."""

import pytest
from hypothesis import given, strategies as st

from rating.domain.cdr_formats.lines import split_lines
from rating.domain.cdr_formats.wide_text import BIG_MARK, LITTLE_MARK, recode

ORDERS = {"utf-16": "utf-16-le", "utf-16-be": "utf-16-be"}


def blocks_of(data: bytes, *, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


@given(
    text=st.text().filter(lambda text: not text.startswith("\ufeff")),
    declared=st.sampled_from(sorted(ORDERS)),
    mark=st.sampled_from([b"", LITTLE_MARK, BIG_MARK]),
    size=st.integers(1, 9),
)
def test_text_is_the_same_in_any_order_with_and_without_a_mark(text, declared, mark, size):
    order = {b"": ORDERS[declared], LITTLE_MARK: "utf-16-le", BIG_MARK: "utf-16-be"}[mark]
    if not mark and text.encode(order)[:2] in {LITTLE_MARK, BIG_MARK}:
        return
    written = blocks_of(mark + text.encode(order), size=size)
    assert b"".join(recode(written, encoding=declared)) == text.encode()


@given(data=st.binary(max_size=200), size=st.integers(1, 9))
def test_any_bytes_become_lines_and_blocks_do_not_matter(data, size):
    whole = b"".join(recode([data], encoding="utf-16"))
    assert b"".join(recode(blocks_of(data, size=size), encoding="utf-16")) == whole
    ends = data.removeprefix(LITTLE_MARK)
    if not data.startswith(BIG_MARK):
        units = [ends[at : at + 2] for at in range(0, len(ends), 2)]
        assert whole.count(b"\n") == units.count(b"\n\x00")


@pytest.mark.parametrize("broken", [b"\x00\xd8", b"\x00\xdc", b"1"])
def test_what_is_no_text_stays_in_its_line(broken):
    """Half a pair, or half a sign at the end: a byte that is undecodable in UTF-8 too, and no other line changes."""
    lines = "1,2\n3,".encode("utf-16-le") + broken
    found = [line.raw for line in split_lines(recode([lines], encoding="utf-16"))]
    assert found == [b"1,2", b"3,\xff"]
