"""Closing the books, as one act."""

from datetime import date

from billing_site.audit.recording import record
from billing_site.db.transactions import durable
from billing_site.identity.models import User
from billing_site.ledger.closing import close_through
from billing_site.ledger.models import PeriodLock


@durable
def close_books(*, through: date, today: date, actor: User | None) -> date:
    """
    Close every day through ``through``, forward only, and return the day through which they had been closed.

    :raises PeriodNotOver: if ``through`` is today or later
    :raises BooksClosedFurther: if it is closed already
    """
    before = close_through(through=through, today=today)
    changes = {"before": before.isoformat(), "after": through.isoformat()}
    record("ledger.close_books", actor=actor, subject=PeriodLock.objects.get(), changes=changes)
    return before
