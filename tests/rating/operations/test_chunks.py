"""A job's lines are cut into pieces without losing one, in the order given."""

from hypothesis import given, strategies as st

from rating.operations import recycling

KEYS = st.lists(st.tuples(st.integers(1, 300), st.integers(1, 50)), max_size=400, unique=True)


@given(keys=KEYS, size=st.integers(1, 30))
def test_chunks_hold_every_line_once_and_none_is_too_large(keys, size):
    chunks = recycling.chunks_of(keys, lines_per_chunk=size)
    found = [[(file_id, line) for file_id, lines in chunk for line in lines] for chunk in chunks]
    assert sorted(key for chunk in found for key in chunk) == sorted(keys)
    assert all(len(chunk) <= size for chunk in found)
    assert all(len(chunk) <= recycling.FILES_PER_CHUNK for chunk in chunks)
    ends = [len(chunk) for chunk in found]
    at = 0
    for chunk, count in zip(found, ends, strict=True):
        assert sorted(chunk) == sorted(keys[at : at + count])
        at += count
