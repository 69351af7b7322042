"""Pages by key: every row once, in order, whatever is added meanwhile; nothing is counted."""

from datetime import timedelta

import pytest

from billing_site.jobs.models import Job
from billing_site.web.paging import keyset_page, sequence_page

pytestmark = pytest.mark.django_db

ORDERS = [
    ("-created_at", "-id"),
    ("state", "id"),
    ("state", "-created_at", "id"),
    ("id",),
    ("-kind", "amount_minor", "-key"),
]


def walk(queryset, order, size):
    pages, cursor = [], ""
    while True:
        page = keyset_page(queryset, order=order, cursor=cursor, size=size)
        pages.append(page)
        if not page.next_cursor:
            return pages
        cursor = page.next_cursor


@pytest.mark.parametrize("order", ORDERS, ids=",".join)
def test_keyset_page_shows_every_row_once_in_order(make_jobs, order):
    make_jobs(6)
    make_jobs(5, step=timedelta())

    pages = walk(Job.objects.all(), order, 4)

    assert [row.pk for page in pages for row in page.rows] == [row.pk for row in Job.objects.order_by(*order)]
    assert [(page.first, page.last) for page in pages] == [(1, 4), (5, 8), (9, 11)]


@pytest.mark.parametrize("order", ORDERS, ids=",".join)
def test_keyset_page_leads_back_over_the_same_pages(make_jobs, order):
    make_jobs(11)
    pages = walk(Job.objects.all(), order, 4)

    back = [pages[-1]]
    while back[-1].previous_cursor:
        back.append(keyset_page(Job.objects.all(), order=order, cursor=back[-1].previous_cursor, size=4))

    assert [[row.pk for row in page.rows] for page in reversed(back)] == [
        [row.pk for row in page.rows] for page in pages
    ]
    assert [(page.first, page.last) for page in reversed(back)] == [(1, 4), (5, 8), (9, 11)]


def test_keyset_page_of_values_works_on_mappings(make_jobs):
    make_jobs(3)

    pages = walk(Job.objects.values("id", "title"), ("id",), 2)

    assert [row["title"][-1] for page in pages for row in page.rows] == ["0", "1", "2"]


def test_keyset_page_after_new_rows_above_repeats_nothing(make_jobs):
    make_jobs(4)
    first = keyset_page(Job.objects.all(), order=("-created_at", "-id"), size=2)

    make_jobs(2)
    second = keyset_page(Job.objects.all(), order=("-created_at", "-id"), cursor=first.next_cursor, size=2)

    assert [row.done_units for row in first.rows + second.rows] == [3 * 1375, 2 * 1375, 1375, 0]


@pytest.mark.parametrize("cursor", ["x", "W10", "WzEsMiwzXQ", "é", "WyJ0cnVlIiwxLFtbImludCIsIngiXSxbImludCIsIjEiXV1d"])
def test_keyset_page_with_damaged_cursor_is_the_first(make_jobs, cursor):
    make_jobs(3)

    page = keyset_page(Job.objects.all(), order=("-created_at", "-id"), cursor=cursor, size=2)

    assert (page.first, len(page.rows)) == (1, 2)


def test_keyset_page_with_cursor_of_another_list_is_the_first(make_jobs):
    make_jobs(3)
    other = keyset_page(Job.objects.all(), order=("state", "key"), size=2).next_cursor

    page = keyset_page(Job.objects.all(), order=("-created_at", "-id"), cursor=other, size=2)

    assert page.first == 1


def test_keyset_page_asks_once_and_never_counts(make_jobs, django_assert_num_queries):
    make_jobs(5)
    cursor = keyset_page(Job.objects.all(), order=("-created_at", "-id"), size=2).next_cursor

    with django_assert_num_queries(1) as asked:
        keyset_page(Job.objects.all(), order=("-created_at", "-id"), cursor=cursor, size=2)

    assert "COUNT" not in asked.captured_queries[0]["sql"]
    assert '("jobs_job"."created_at", "jobs_job"."id") < (' in asked.captured_queries[0]["sql"]


def test_keyset_page_of_nothing_is_empty():
    page = keyset_page(Job.objects.none(), order=("id",))

    assert (page.rows, page.next_cursor, page.previous_cursor, page.is_only) == ((), "", "", True)


def test_sequence_page_leads_on_and_back():
    rows = tuple("abcde")
    second = sequence_page(rows, cursor=sequence_page(rows, size=2).next_cursor, size=2)

    assert (second.rows, second.first, second.next_cursor, second.previous_cursor) == (("c", "d"), 3, "4", "0")
    assert sequence_page(rows, cursor="99", size=2).rows == ("a", "b")
