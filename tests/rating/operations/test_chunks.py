"""A job's lines are cut into pieces without losing one, in the order given."""

from hypothesis import given, strategies as st

from rating.operations.recycling import chunks_of

KEYS = st.lists(st.tuples(st.integers(1, 9), st.integers(1, 20)), max_size=40, unique=True)


@given(keys=KEYS, size=st.integers(1, 12), files=st.integers(1, 4))
def test_chunks_hold_every_line_once_and_none_is_too_large(keys, size, files):
    chunks = chunks_of(keys, lines_per_chunk=size, files_per_chunk=files)
    found = [[(file_id, line) for file_id, lines in chunk for line in lines] for chunk in chunks]
    assert sorted(key for chunk in found for key in chunk) == sorted(keys)
    assert all(len(chunk) <= size for chunk in found)
    assert all(len(chunk) <= files for chunk in chunks)
    ends = [len(chunk) for chunk in found]
    at = 0
    for chunk, count in zip(found, ends, strict=True):
        assert sorted(chunk) == sorted(keys[at : at + count])
        at += count
