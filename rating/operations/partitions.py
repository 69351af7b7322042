"""Partitions of rated records: one for each day, made ahead of its records."""

from datetime import date

from django.db import connection

from billing_site.db.transactions import durable


@durable
def make_partitions_ahead(*, first: date, last: date) -> int:
    """
    Make the partitions of the days from ``first`` to ``last``, both included, that are missing; return how many days
    that is.

    Days are UTC's: a record lies in the day of its start there.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(rating_make_partition(d::date)) FROM generate_series(%s, %s, interval '1 day') d",
            [first, last],
        )
        return int(cursor.fetchone()[0])
