"""
Daily summaries of the books and of money received: reports read them, never millions of entries.

They are added to from time to time, up to a mark; what came after the mark is read from the facts themselves. So the
two together are always the whole, to the last entry.
"""

from django.db import models
from django.db.models.functions import Now


class SummaryMark(models.Model):
    """Up to which id a summary holds the facts."""

    class Code(models.TextChoices):
        """Whose summary."""

        BOOKS = "BOOKS", "Entries of the books"
        PAYMENTS = "PAYMENTS", "Payments"
        REVERSALS = "REVERSALS", "Reversals of payments"

    code = models.CharField(primary_key=True, max_length=16, choices=Code.choices)
    last_id = models.BigIntegerField(default=0)
    totalled_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        """Show code and id."""
        return f"{self.code} {self.last_id}"


class BooksDay(models.Model):
    """
    What a day's documents of one kind moved: on all subscribers' accounts of a centre, or on one of the operator's own.

    ``document`` is the source of the entries; of reversals it is that of the entry reversed, and ``is_reversal``.
    """

    pk = models.CompositePrimaryKey("day", "centre_id", "ledger_account_id", "document", "is_reversal", "currency")
    day = models.DateField()
    # 0 of the operator's own accounts.
    centre_id = models.BigIntegerField()
    # 0 of subscribers' accounts.
    ledger_account_id = models.BigIntegerField()
    document = models.CharField(max_length=32)
    is_reversal = models.BooleanField()
    currency = models.CharField(max_length=3)
    # Entries, each at its first posting.
    entry_count = models.BigIntegerField()
    debit_minor = models.BigIntegerField()
    credit_minor = models.BigIntegerField()

    class Meta:
        """The operator's own accounts are few among the centres' rows."""

        indexes = [models.Index(fields=["day"], name="payments_booksday_own", condition=models.Q(centre_id=0))]

    def __str__(self) -> str:
        """Show day and document."""
        return f"{self.day} {self.document}"


class BooksMonth(models.Model):
    """What the days of a whole month moved, as ``BooksDay`` says it: added to together with the days."""

    pk = models.CompositePrimaryKey("month", "centre_id", "ledger_account_id", "document", "is_reversal", "currency")
    # Its first day.
    month = models.DateField()
    centre_id = models.BigIntegerField()
    ledger_account_id = models.BigIntegerField()
    document = models.CharField(max_length=32)
    is_reversal = models.BooleanField()
    currency = models.CharField(max_length=3)
    entry_count = models.BigIntegerField()
    debit_minor = models.BigIntegerField()
    credit_minor = models.BigIntegerField()

    class Meta:
        """A month is written by its first day."""

        constraints = [
            models.CheckConstraint(condition=models.Q(month__day=1), name="payments_booksmonth_is_its_first_day")
        ]

    def __str__(self) -> str:
        """Show month and document."""
        return f"{self.month} {self.document}"


class ReceiptDay(models.Model):
    """
    What was received, and taken back, in an hour of a local day: by centre of the account, centre of the till, channel
    and network.
    """

    pk = models.CompositePrimaryKey("day", "hour", "centre_id", "till_centre_id", "channel", "network_id", "currency")
    day = models.DateField()
    hour = models.SmallIntegerField()
    # 0 where the owner of the money is not known.
    centre_id = models.BigIntegerField()
    # 0 where no till took it.
    till_centre_id = models.BigIntegerField(db_default=0)
    channel = models.CharField(max_length=16)
    # 0 without a network of terminals.
    network_id = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    payment_count = models.BigIntegerField()
    amount_minor = models.BigIntegerField()
    reversal_count = models.BigIntegerField()
    reversed_minor = models.BigIntegerField()

    class Meta:
        """Hours of a day."""

        constraints = [
            models.CheckConstraint(
                condition=models.Q(hour__gte=0, hour__lte=23), name="payments_receiptday_hour_of_day"
            )
        ]

    def __str__(self) -> str:
        """Show day and hour."""
        return f"{self.day} {self.hour}"
