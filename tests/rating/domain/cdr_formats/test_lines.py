"""Bytes to lines, however the file was cut and ended."""

from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from rating.domain.cdr_formats.lines import RawLine, split_lines, split_lines_at


def lines(*blocks, **more):
    return [line.raw for line in split_lines(blocks, **more)]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", []),
        (b"a", [b"a"]),
        (b"a\nb\n", [b"a", b"b"]),
        (b"a\r\nb\rc\nd", [b"a", b"b", b"c", b"d"]),
        (b"\xef\xbb\xbfa\n", [b"a"]),
        (b"a\n\x1a", [b"a"]),
        (b"a\x1a", [b"a"]),
        (b"a\n\nb", [b"a", b"", b"b"]),
        (b'"open\nb', [b'"open', b"b"]),
        (b"\x1aa\n", [b"\x1aa"]),
    ],
)
def test_split_lines_takes_every_line_end(content, expected):
    assert lines(content) == expected


@given(
    parts=st.lists(st.binary(max_size=8).filter(lambda raw: not set(raw) & set(b"\r\n\x1a\xef")), max_size=8),
    ends=st.lists(st.sampled_from([b"\n", b"\r\n", b"\r"]), min_size=8, max_size=8),
    cuts=st.lists(st.integers(min_value=0, max_value=80), max_size=6),
)
def test_split_lines_does_not_depend_on_the_blocks(parts, ends, cuts):
    # A lone CR before an empty line that ends with LF is a CR LF: such a file has one line fewer, whoever reads it.
    content = b"".join(part + end for part, end in zip(parts, ends, strict=False))
    marks = [0, *sorted(min(cut, len(content)) for cut in cuts), len(content)]
    blocks = [content[a:b] for a, b in pairwise(marks)]

    found = list(split_lines(blocks))

    assert [line.raw for line in found] == content.splitlines()
    assert [line.line_no for line in found] == list(range(1, len(found) + 1))
    assert found == list(split_lines([content]))


def test_split_lines_knows_a_line_end_cut_in_two():
    assert lines(b"a\r", b"", b"\nb\r", b"c") == [b"a", b"b", b"c"]


def test_split_lines_keeps_only_the_beginning_of_a_long_line():
    blocks = (b"x" * 1000 for _ in range(1000))

    found = list(split_lines([*blocks, b"\nshort\n"], max_line_bytes=16))

    assert found == [RawLine(1, b"x" * 16, is_cut=True), RawLine(2, b"short")]


def test_split_lines_marks_a_long_last_line():
    assert list(split_lines([b"x" * 17], max_line_bytes=16)) == [RawLine(1, b"x" * 16, is_cut=True)]
    assert list(split_lines([b"x" * 16], max_line_bytes=16)) == [RawLine(1, b"x" * 16)]


@given(
    content=st.lists(st.sampled_from([b"a", b"bcd", b"\r", b"\n", b"\x1a", b"\xef\xbb\xbf"]), max_size=30).map(
        b"".join
    ),
    size=st.integers(1, 5),
)
def test_split_lines_at_says_where_each_line_begins(content, size):
    blocks = [content[at : at + size] for at in range(0, len(content), size)]
    found = list(split_lines_at(blocks))
    assert [line for line, _ in found] == list(split_lines([content]))
    for line, at in found:
        assert content[at : at + len(line.raw)] == line.raw
