"""What must be true of old records: they go when their time is over, and stay while they are held."""

from collections.abc import Iterator
from datetime import timedelta

from billing_site.core import clock
from billing_site.core.messages import gettext_noop
from billing_site.db.invariants import Invariant, sql_invariant
from rating.queries.retention import old_days, retention_limit

# So many nights the nightly detaching may be too late: a reader of an old month makes it try again another night.
GRACE = timedelta(days=7)


def _days_left_over() -> Iterator[tuple[str, str]]:
    limit = retention_limit(today=clock.today()) - GRACE
    for one in old_days(before=limit):
        if one.reason is None:
            yield f"day {one.day}", f"records from before {limit} that nothing keeps are still there"


RETENTION_INVARIANTS: tuple[Invariant, ...] = (
    Invariant(
        name="rating.old_records_go",
        sentence=gettext_noop("Records whose time is over, and which nothing keeps, are detached."),
        find=_days_left_over,
    ),
    sql_invariant(
        "rating.held_records_stay",
        gettext_noop("No day was detached while a legal hold kept it."),
        """
        SELECT 'day ' || d.day, 'detached under hold ' || h.id
        FROM rating_detachedpartition d JOIN rating_legalhold h ON h.days && daterange(d.day - 1, d.day + 2)
        WHERE h.lifted_at IS NULL AND h.placed_at < d.detached_at
        """,
    ),
)
