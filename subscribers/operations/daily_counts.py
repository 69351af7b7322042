"""Keeping the daily counts short."""

from django.db import connection

from billing_site.db.transactions import durable


@durable
def merge_daily_counts() -> int:
    """Make one row of those that have day, centre, category, kind and reason in common; return how many went."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT subscribers_merge_counts()")
        row = cursor.fetchone()
    return int(row[0]) if row else 0
