from hypothesis import given, strategies as st

from invoicing.domain.print_sheets import front_of, place_bills


@given(st.lists(st.integers(min_value=1, max_value=40), max_size=12))
def test_bills_begin_on_fronts_follow_each_other_and_fill_the_file(counts):
    placed = place_bills(counts)

    assert [one.page_count for one in placed] == counts
    assert all(one.first_page % 2 == 1 for one in placed)
    ends = [one.first_page + 2 * one.sheet_count for one in placed]
    assert [one.first_page for one in placed] == [1, *ends][: len(counts)]
    assert all(one.page_count <= 2 * one.sheet_count <= one.page_count + 1 for one in placed)


@given(st.integers(min_value=1, max_value=10_000))
def test_front_of_a_sheet_is_the_odd_page_of_the_pair(page):
    front = front_of(page)

    assert front % 2 == 1
    assert front in {page, page - 1}
