"""Business numbers of staff: their days are added up, so that nobody reads their records for a report."""

from datetime import date

from django.conf import settings
from django.db import connection

from billing_site.db.sql import fetch_sql
from billing_site.db.transactions import durable
from rating.queries.retention import first_whole_day

# Rating waits while lines are begun with: not for long.
LINES_AT_ONCE = 200


@durable
def follow_staff_lines(*, most: int = LINES_AT_ONCE) -> int:
    """
    Begin to add up the days of lines that were given to employees since the last time; return how many.

    What they were used for before is added up from their records that are still at hand.

    :param most: lines in one transaction
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('rating.follow_key_account'))")
    places = {"zone": settings.SALDO_TIME_ZONE, "since": first_whole_day() or date.min, "most": most}
    return int(fetch_sql("rating", "follow_staff_lines", places)[0][0])
