"""Closing the books: through a day, forward only; only ``periods`` opens the last month again, by two people."""

from datetime import date

from django.db import connection

from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.transactions import transaction_required
from billing_site.ledger.models import PeriodLock


class PeriodNotOver(BillingError):
    """The last day to be closed is not over yet."""

    default_message = gettext_noop("The books cannot be closed through %(through)s: that day is not over.")
    default_code = "PERIOD_NOT_OVER"


class BooksClosedFurther(BillingError):
    """The books are closed through this day or a later one already."""

    default_message = gettext_noop("The books are closed through %(closed_through)s already.")
    default_code = "BOOKS_CLOSED_FURTHER"


def get_closed_through() -> date:
    """Return the last day that is closed: nothing can be posted on it or before."""
    return PeriodLock.objects.values_list("closed_through", flat=True).get()


@transaction_required
def close_through(*, through: date, today: date) -> date:
    """
    Close every day through ``through`` and return the day through which the books had been closed.

    Waits for transactions that are posting, so that none of them ends in a closed period.

    :raises PeriodNotOver: if ``through`` is today or later
    :raises BooksClosedFurther: if that is closed already
    """
    if through >= today:
        raise PeriodNotOver(context={"through": through})
    before = get_closed_through()
    if through <= before:
        raise BooksClosedFurther(context={"closed_through": before})
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_close_through(%s)", [through])
    return before
