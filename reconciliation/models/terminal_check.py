"""The daily terminal check."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from billing_site.db.fields import state_field
from billing_site.documents.models import StoredFile
from billing_site.identity.models import User
from payments.models import TerminalNetwork


class TerminalRegister(models.Model):
    """A network's own list of a day's successful payments."""

    network = models.ForeignKey(TerminalNetwork, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    name = models.CharField(max_length=255)
    content = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    line_count = models.IntegerField()
    amount_minor = models.BigIntegerField()
    # Numbers of the lines that repeat a transaction of an earlier line.
    copies = ArrayField(models.IntegerField(), default=list)
    loaded_at = models.DateTimeField(db_default=Now())
    loaded_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """The same bytes count once (registers of two days without payments are alike); a day has one register."""

        constraints = [
            models.UniqueConstraint(
                fields=["content"],
                condition=Q(line_count__gt=0),
                name="reconciliation_terminalregister_content_once",
            ),
            models.UniqueConstraint(fields=["network", "day"], name="reconciliation_terminalregister_once_a_day"),
        ]

    def __str__(self) -> str:
        """Show the name."""
        return self.name


class TerminalRegisterLine(models.Model):
    """One payment as the network tells it."""

    pk = models.CompositePrimaryKey("register_id", "line_number")
    # No foreign key in the database: a register has a million lines, and they are written before its own row.
    register = models.ForeignKey(
        TerminalRegister, on_delete=models.DO_NOTHING, related_name="lines", db_index=False, db_constraint=False
    )
    line_number = models.IntegerField()
    txn_id = models.CharField(max_length=64)
    account_number = models.CharField(max_length=32)
    amount_minor = models.BigIntegerField()
    paid_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        """Show the place."""
        return f"{self.register_id}/{self.line_number}"


class RefusedRegister(models.Model):
    """A file out of a network's folder that could not be taken, and why."""

    network = models.ForeignKey(TerminalNetwork, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    name = models.CharField(max_length=255)
    reason = models.TextField()
    refused_at = models.DateTimeField()

    def __str__(self) -> str:
        """Show the name."""
        return self.name


class TerminalCheck(models.Model):
    """The check of one network and day: both lists, and what became of every line of either."""

    class State(models.TextChoices):
        """How a check ended."""

        MISSING = "MISSING", "No register"
        AGREED = "AGREED", "Agreed"
        DIFFERENT = "DIFFERENT", "With differences"

    network = models.ForeignKey(TerminalNetwork, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    register = models.ForeignKey(TerminalRegister, null=True, on_delete=models.PROTECT, related_name="+")
    state = state_field(State)
    our_count = models.IntegerField(default=0)
    our_amount_minor = models.BigIntegerField(default=0)
    their_count = models.IntegerField(default=0)
    their_amount_minor = models.BigIntegerField(default=0)
    matched_count = models.IntegerField(default=0)
    matched_amount_minor = models.BigIntegerField(default=0)
    only_ours_count = models.IntegerField(default=0)
    only_ours_amount_minor = models.BigIntegerField(default=0)
    only_theirs_count = models.IntegerField(default=0)
    only_theirs_amount_minor = models.BigIntegerField(default=0)
    # Pairs of which the amount or the account differs.
    differing_count = models.IntegerField(default=0)
    differing_our_amount_minor = models.BigIntegerField(default=0)
    differing_their_amount_minor = models.BigIntegerField(default=0)
    doubled_count = models.IntegerField(default=0)
    doubled_amount_minor = models.BigIntegerField(default=0)
    # Payments of ours that a register of a neighbouring day has, and lines of theirs that we took on another day.
    other_day_our_count = models.IntegerField(default=0)
    other_day_our_amount_minor = models.BigIntegerField(default=0)
    other_day_their_count = models.IntegerField(default=0)
    other_day_their_amount_minor = models.BigIntegerField(default=0)
    checked_at = models.DateTimeField(db_default=Now())
    # Signed off: nothing of the day changes after that; see the triggers in migrations/sql/0003_checks.sql.
    signed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(null=True)

    class Meta:
        """
        Once a network and day; agreed means equal; the groups together are both lists, to the line and the cent.

        A day is signed off by somebody, and never without its register.
        """

        constraints = [
            models.UniqueConstraint(fields=["network", "day"], name="reconciliation_terminalcheck_once_a_day"),
            models.CheckConstraint(
                condition=~Q(state="AGREED")
                | Q(
                    our_count=F("their_count"),
                    our_amount_minor=F("their_amount_minor"),
                    matched_count=F("our_count"),
                ),
                name="reconciliation_terminalcheck_agreed_is_equal",
            ),
            models.CheckConstraint(
                condition=Q(
                    our_count=F("matched_count")
                    + F("only_ours_count")
                    + F("differing_count")
                    + F("other_day_our_count"),
                    our_amount_minor=F("matched_amount_minor")
                    + F("only_ours_amount_minor")
                    + F("differing_our_amount_minor")
                    + F("other_day_our_amount_minor"),
                ),
                name="reconciliation_terminalcheck_our_list_whole",
            ),
            models.CheckConstraint(
                condition=Q(
                    their_count=F("matched_count")
                    + F("only_theirs_count")
                    + F("differing_count")
                    + F("doubled_count")
                    + F("other_day_their_count"),
                    their_amount_minor=F("matched_amount_minor")
                    + F("only_theirs_amount_minor")
                    + F("differing_their_amount_minor")
                    + F("doubled_amount_minor")
                    + F("other_day_their_amount_minor"),
                ),
                name="reconciliation_terminalcheck_their_list_whole",
            ),
            models.CheckConstraint(
                condition=Q(state="MISSING", register__isnull=True) | (~Q(state="MISSING") & Q(register__isnull=False)),
                name="reconciliation_terminalcheck_missing_has_none",
            ),
            models.CheckConstraint(
                condition=Q(signed_by__isnull=True, signed_at__isnull=True)
                | (Q(signed_by__isnull=False, signed_at__isnull=False) & ~Q(state="MISSING")),
                name="reconciliation_terminalcheck_signed_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        """Show network and day."""
        return f"{self.network_id} {self.day}"

    @property
    def is_signed_off(self) -> bool:
        """Whether somebody has put his name under the day."""
        return self.signed_at is not None
