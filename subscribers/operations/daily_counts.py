"""Keeping the daily counts short, and the months up to them."""

from datetime import date

from django.db import connection

from billing_site.db.transactions import durable


@durable
def merge_daily_counts(*, today: date) -> int:
    """
    Make one row of those that have day, centre, category, kind and reason in common, and fold them into the months.

    :param today: months up to its own are kept
    :returns: how many rows were gone through
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT subscribers_merge_counts(%s)", [today])
        row = cursor.fetchone()
    return int(row[0]) if row else 0
