"""How many accounts and lines began and ended on each day, kept while they do: reports count from here."""

from django.db import models


class DailyCount(models.Model):
    """
    What began and ended on a day, by service centre, customer category and kind: a part of the count, not all of it.

    Triggers write a row for every statement that begins, ends or moves something (counts may be below zero); at night
    the rows that have everything in common become one. The sum is always what accounts and lines say of themselves.
    """

    # What is counted besides the kinds of lines: accounts, and lines of any kind while they are out of service.
    ACCOUNT = "ACCOUNT"
    SUSPENDED = "SUSPENDED"
    NO_LINES = (ACCOUNT, SUSPENDED)

    day = models.DateField()
    centre_id = models.BigIntegerField()
    category = models.CharField(max_length=16)
    kind = models.CharField(max_length=16)
    # Why lines ended.
    reason = models.CharField(max_length=16)
    begun_count = models.BigIntegerField()
    ended_count = models.BigIntegerField()
    # Whether the months have it already.
    is_folded = models.BooleanField(db_default=False)

    class Meta:
        """Found by day."""

        indexes = [models.Index(fields=["day"], name="subscribers_dailycount_day")]

    def __str__(self) -> str:
        """Show day and kind."""
        return f"{self.day} {self.kind}"


class MonthCount(models.Model):
    """
    What was there when a month began, and began and ended in it: the days that are folded in, added up.

    A month that has a row at all is whole; what is not folded yet is a night's worth of days.
    """

    pk = models.CompositePrimaryKey("month", "centre_id", "category", "kind")
    month = models.DateField()
    centre_id = models.BigIntegerField()
    category = models.CharField(max_length=16)
    kind = models.CharField(max_length=16)
    opening_count = models.BigIntegerField()
    begun_count = models.BigIntegerField()
    ended_count = models.BigIntegerField()

    def __str__(self) -> str:
        """Show month and kind."""
        return f"{self.month:%Y-%m} {self.kind}"
