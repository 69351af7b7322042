"""A draft to which somebody is adding a line cannot be posted meanwhile."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError, connection, transaction

from invoicing.models import Invoice
from tests.factories.small_book import SmallBook, make_small_book
from tests.fixtures.databases import TestDatabase

ADD_TAX = (
    "INSERT INTO invoicing_invoicetax (invoice_id, tax_category_id, tax_percent, net_minor, tax_minor)"
    " VALUES (%s, 1, 20, 0, 0)"
)


@pytest.fixture(scope="module")
def book(fresh_database: TestDatabase) -> SmallBook:
    return make_small_book()


def post_impatiently(invoice_id: int) -> None:
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '200ms'")
            Invoice.objects.filter(pk=invoice_id).update(state="POSTED", number="INV-2026-000009")
    finally:
        connection.close()


def test_draft_with_a_line_under_way_is_not_posted(book: SmallBook):
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(ADD_TAX, [book.draft_id])
        posting = pool.submit(post_impatiently, book.draft_id)

        with pytest.raises(OperationalError):
            posting.result()

    assert Invoice.objects.get(pk=book.draft_id).state == "DRAFT"
