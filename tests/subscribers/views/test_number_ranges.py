"""Ranges of numbers at the front desk (001-28): a hall sees its own, the counts add up, the list is a workbook."""

from io import BytesIO

import openpyxl
import pytest
from django.urls import reverse

from tests.factories.identity import make_centre
from tests.factories.subscribers import make_line, make_range
from tests.web.wrapped import assert_numbers_wrapped

FIRST, OTHERS = "99910300000", "99910400000"
pytestmark = pytest.mark.django_db


@pytest.fixture
def url(centre):
    make_range(first=FIRST, count=5, centre=centre)
    make_range(first=OTHERS, count=5, use="MOBILE", centre=make_centre(code="HALL-2"))
    make_line(number=FIRST)
    return reverse("subscribers:number-ranges")


def test_hall_sees_its_own_ranges_with_counts_that_add_up(client, clerk, url):
    client.force_login(clerk)

    page = client.get(url)

    assert [row.first for row in page.context["table"].rows] == [FIRST]
    counts = page.context["table"].rows[0].counts
    assert (counts.free, counts.assigned, counts.quarantined, counts.total) == (4, 1, 0, 5)
    assert_numbers_wrapped(page.text)


def test_specialist_sees_every_range_and_filters_by_use(client, specialist, url):
    client.force_login(specialist)

    assert len(client.get(url).context["table"].rows) == 2
    assert [row.first for row in client.get(url, {"use": "MOBILE"}).context["table"].rows] == [OTHERS]


def test_ranges_are_a_workbook(client, specialist, url):
    client.force_login(specialist)

    content = client.get(url, {"export": "xlsx"}).getvalue()

    cells = {str(cell) for row in openpyxl.load_workbook(BytesIO(content)).worksheets[0].values for cell in row}
    assert any(FIRST in cell for cell in cells)


@pytest.mark.parametrize("count", [1, 3])
def test_ranges_take_the_same_queries_however_many(client, specialist, count, django_assert_num_queries):
    for _ in range(count):
        make_range()
    client.force_login(specialist)

    with django_assert_num_queries(4):  # session, person, counts, ranges
        client.get(reverse("subscribers:number-ranges"))


def test_ranges_are_closed_to_who_has_no_verb(client, accountant, url):
    client.force_login(accountant)
    assert client.get(url).status_code == 403
