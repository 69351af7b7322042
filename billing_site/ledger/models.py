"""
The books.

An **entry** is one business event (an invoice, a payment): who, when, why, and the document it comes
from, once. Its **postings** are pairs: an amount greater than zero goes from the credited account to
the debited one, so an entry that does not balance cannot be written down. Entries and postings are
never changed; a mistake is put right by a second entry that reverses the first, once.

The tables belong to the owner role; the application may read and insert, no more. The triggers in
``migrations/sql`` keep the rest: open period, known accounts, one currency, no posting added later,
no entry without postings. The models serve reading; ``posting.post_entries`` alone writes.
"""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models.functions import Now

from billing_site.db.fields import state_field
from billing_site.identity.models import User


class LedgerAccount(models.Model):
    """An account of the books: one for each billing account, and the operator's own."""

    class Kind(models.TextChoices):
        """What an account stands for."""

        SUBSCRIBER = "SUBSCRIBER", "Receivable of a billing account"
        REVENUE = "REVENUE", "Revenue of a bill item and kind of service"
        TAX = "TAX", "Tax owed"
        ROUNDING = "ROUNDING", "Rounding"
        CLEARING = "CLEARING", "Money on its way: till, terminal network, bank"
        SUSPENSE = "SUSPENSE", "Money whose owner is not known yet"
        BAD_DEBT = "BAD_DEBT", "Debts written off"
        DEPOSIT = "DEPOSIT", "Deposits held for subscribers"
        EXPENSE = "EXPENSE", "Expenses, such as charges of banks"

    code = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    currency = models.CharField(max_length=3)

    class Meta:
        """Found by kind."""

        db_table = "ledger_account"
        indexes = [models.Index(fields=["kind", "code"], name="ledger_account_kind")]

    def __str__(self) -> str:
        """Show the code."""
        return self.code


class PeriodLock(models.Model):
    """The last day of the last closed period; one row."""

    one = models.BooleanField(primary_key=True, default=True)
    closed_through = models.DateField()

    class Meta:
        """Exactly one row."""

        constraints = [models.CheckConstraint(condition=models.Q(one=True), name="ledger_periodlock_single_row")]

    def __str__(self) -> str:
        """Show the day."""
        return str(self.closed_through)


class AccountingPeriod(models.Model):
    """
    A month of the books: open, then closed through its last day, in order; opened again only by two people.

    The application makes periods and reads them; their state is moved by the functions of ``migrations/sql`` alone,
    together with the lock.
    """

    class State(models.TextChoices):
        """Whether anything may be posted in it."""

        OPEN = "OPEN", "Open"
        CLOSED = "CLOSED", "Closed"

    code = models.CharField(max_length=7, unique=True)
    # Half-open days of the operator's zone.
    first_on = models.DateField()
    until_on = models.DateField()
    state = state_field(State, default=State.OPEN, db_default=State.OPEN.value)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """Periods do not overlap; who closed one is known."""

        constraints = [
            models.CheckConstraint(
                condition=models.Q(until_on__gt=models.F("first_on")), name="ledger_accountingperiod_in_order"
            ),
            ExclusionConstraint(
                name="ledger_accountingperiod_apart",
                expressions=[(models.Func("first_on", "until_on", function="daterange"), RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(
                condition=models.Q(state="OPEN", closed_at__isnull=True, closed_by__isnull=True)
                | models.Q(state="CLOSED", closed_at__isnull=False, closed_by__isnull=False),
                name="ledger_accountingperiod_closed_by",
            ),
        ]

    def __str__(self) -> str:
        """Show the code."""
        return self.code

    @property
    def is_closed(self) -> bool:
        """Whether nothing can be posted in it."""
        return self.state == self.State.CLOSED


class PeriodReopening(models.Model):
    """The wish to open a closed period again: its reason, who asked, and the other person who agreed."""

    class State(models.TextChoices):
        """What has become of the wish."""

        ASKED = "ASKED", "Asked for"
        APPROVED = "APPROVED", "Approved"
        DECLINED = "DECLINED", "Declined"

    period = models.ForeignKey(AccountingPeriod, on_delete=models.PROTECT, related_name="reopenings")
    reason = models.CharField(max_length=300)
    state = state_field(State, default=State.ASKED, db_default=State.ASKED.value)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=Now())
    approved_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """A reason, two names, one wish at a time."""

        constraints = [
            models.CheckConstraint(condition=~models.Q(reason=""), name="ledger_periodreopening_has_reason"),
            models.CheckConstraint(
                condition=models.Q(approved_by__isnull=True) | ~models.Q(approved_by=models.F("asked_by")),
                name="ledger_periodreopening_second_person",
            ),
            models.CheckConstraint(
                condition=models.Q(state="APPROVED", approved_by__isnull=False, approved_at__isnull=False)
                | (~models.Q(state="APPROVED") & models.Q(approved_by__isnull=True, approved_at__isnull=True)),
                name="ledger_periodreopening_approved_by",
            ),
            models.UniqueConstraint(
                fields=["period"], condition=models.Q(state="ASKED"), name="ledger_periodreopening_one_asked"
            ),
        ]

    def __str__(self) -> str:
        """Show the period and the reason."""
        return f"{self.period_id}: {self.reason}"


class LedgerEntry(models.Model):
    """One business event in the books."""

    source_type = models.CharField(max_length=32)
    source_id = models.CharField(max_length=64)
    posted_on = models.DateField()
    actor = models.CharField(max_length=150)
    reason = models.CharField(max_length=200, blank=True, db_default="")
    reverses = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="reversals", db_constraint=False, db_index=False
    )
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        """A document has one entry; an entry is reversed at most once."""

        db_table = "ledger_entry"
        constraints = [
            models.UniqueConstraint(fields=["source_type", "source_id"], name="ledger_entry_source_once"),
            models.UniqueConstraint(
                fields=["reverses"], condition=models.Q(reverses__isnull=False), name="ledger_entry_reversed_once"
            ),
        ]
        # Entries arrive in the order of their days: a block-range index is a few pages and costs nothing to keep.
        indexes = [BrinIndex(fields=["posted_on"], name="ledger_entry_posted_on")]

    def __str__(self) -> str:
        """Show the document."""
        return f"{self.source_type} {self.source_id}"


class LedgerPosting(models.Model):
    """One pair: ``amount_minor`` is debited to one account and credited to another."""

    pk = models.CompositePrimaryKey("entry", "n")
    entry = models.ForeignKey(
        LedgerEntry, on_delete=models.PROTECT, related_name="postings", db_constraint=False, db_index=False
    )
    n = models.SmallIntegerField()
    debit = models.ForeignKey(
        LedgerAccount, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    credit = models.ForeignKey(
        LedgerAccount, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()

    class Meta:
        """Amounts are positive, sides differ."""

        db_table = "ledger_posting"
        constraints = [
            models.CheckConstraint(condition=models.Q(amount_minor__gt=0), name="ledger_posting_amount_positive"),
            models.CheckConstraint(condition=~models.Q(debit=models.F("credit")), name="ledger_posting_sides_differ"),
        ]
        # With the entry: what moved on an account since some entry is read without the account's whole history.
        indexes = [
            models.Index(fields=["debit", "entry"], name="ledger_posting_debit"),
            models.Index(fields=["credit", "entry"], name="ledger_posting_credit"),
        ]

    def __str__(self) -> str:
        """Show the pair."""
        return f"{self.entry_id}/{self.n}: {self.amount_minor}"


class LedgerBalance(models.Model):
    """The cached balance of a subscriber's account (debits less credits), kept in the posting's transaction."""

    account = models.OneToOneField(
        LedgerAccount, primary_key=True, on_delete=models.PROTECT, related_name="balance", db_constraint=False
    )
    amount_minor = models.BigIntegerField(default=0)

    class Meta:
        """One row for each subscriber's account."""

        db_table = "ledger_balance"

    def __str__(self) -> str:
        """Show the amount."""
        return f"{self.account_id}: {self.amount_minor}"


class BookSeal(models.Model):
    """The nightly seal: a hash over the day's entries, acts and yesterday's seal."""

    sealed_on = models.DateField(unique=True)
    last_entry_id = models.BigIntegerField()
    last_audit_id = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    sealed_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        """Show day and digest."""
        return f"{self.sealed_on} {self.digest[:12]}"
