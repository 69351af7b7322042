from datetime import date

import pytest
from django.db import transaction

from billing_site.ledger.closing import BooksClosedFurther, PeriodNotOver, close_through, get_closed_through

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 5)


def close(through: date) -> date:
    with transaction.atomic():
        return close_through(through=through, today=TODAY)


def test_closing_moves_the_day():
    assert close(date(2026, 2, 28)) == date(1999, 12, 31)
    assert get_closed_through() == date(2026, 2, 28)


@pytest.mark.parametrize("through", [date(2026, 3, 5), date(2026, 3, 6)])
def test_closing_through_a_day_that_is_not_over_is_refused(through: date):
    with pytest.raises(PeriodNotOver):
        close(through)

    assert get_closed_through() == date(1999, 12, 31)


@pytest.mark.parametrize("through", [date(2026, 2, 28), date(2026, 2, 27)])
def test_closing_backwards_is_refused(through: date):
    close(date(2026, 2, 28))

    with pytest.raises(BooksClosedFurther):
        close(through)

    assert get_closed_through() == date(2026, 2, 28)
