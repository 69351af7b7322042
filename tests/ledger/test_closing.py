from datetime import date

import pytest

from billing_site.audit.models import AuditEntry
from billing_site.console.closing import close_books
from billing_site.ledger.closing import BooksClosedFurther, PeriodNotOver, get_closed_through

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 5)


def test_close_books_moves_the_day_and_records_the_act():
    before = close_books(through=date(2026, 2, 28), today=TODAY, actor=None)

    assert (before, get_closed_through()) == (date(1999, 12, 31), date(2026, 2, 28))
    act = AuditEntry.objects.get(action="ledger.close_books")
    assert act.changes == {"before": "1999-12-31", "after": "2026-02-28"}


@pytest.mark.parametrize("through", [date(2026, 3, 5), date(2026, 3, 6)])
def test_close_books_through_a_day_that_is_not_over_is_refused(through: date):
    with pytest.raises(PeriodNotOver):
        close_books(through=through, today=TODAY, actor=None)

    assert get_closed_through() == date(1999, 12, 31)
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("through", [date(2026, 2, 28), date(2026, 2, 27)])
def test_close_books_backwards_is_refused(through: date):
    close_books(through=date(2026, 2, 28), today=TODAY, actor=None)

    with pytest.raises(BooksClosedFurther):
        close_books(through=through, today=TODAY, actor=None)

    assert get_closed_through() == date(2026, 2, 28)
    assert AuditEntry.objects.count() == 1
