"""The daily terminal check."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from billing_site.db.fields import state_field
from billing_site.documents.models import StoredFile
from billing_site.identity.models import User
from payments.models import Payment, TerminalNetwork


class TerminalRegister(models.Model):
    """A network's own list of a day's successful payments."""

    network = models.ForeignKey(TerminalNetwork, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    name = models.CharField(max_length=255)
    content = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    line_count = models.IntegerField()
    amount_minor = models.BigIntegerField()
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
    register = models.ForeignKey(TerminalRegister, on_delete=models.PROTECT, related_name="lines", db_index=False)
    line_number = models.IntegerField()
    txn_id = models.CharField(max_length=64)
    account_number = models.CharField(max_length=32)
    amount_minor = models.BigIntegerField()
    paid_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        """Show the place."""
        return f"{self.register_id}/{self.line_number}"


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
    checked_at = models.DateTimeField(db_default=Now())

    class Meta:
        """Once a network and day; agreed means equal; the groups together are both lists, to the line and the cent."""

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
                    our_count=F("matched_count") + F("only_ours_count") + F("differing_count"),
                    our_amount_minor=F("matched_amount_minor")
                    + F("only_ours_amount_minor")
                    + F("differing_our_amount_minor"),
                ),
                name="reconciliation_terminalcheck_our_list_whole",
            ),
            models.CheckConstraint(
                condition=Q(
                    their_count=F("matched_count") + F("only_theirs_count") + F("differing_count") + F("doubled_count"),
                    their_amount_minor=F("matched_amount_minor")
                    + F("only_theirs_amount_minor")
                    + F("differing_their_amount_minor")
                    + F("doubled_amount_minor"),
                ),
                name="reconciliation_terminalcheck_their_list_whole",
            ),
            models.CheckConstraint(
                condition=Q(state="MISSING", register__isnull=True) | (~Q(state="MISSING") & Q(register__isnull=False)),
                name="reconciliation_terminalcheck_missing_has_none",
            ),
        ]

    def __str__(self) -> str:
        """Show network and day."""
        return f"{self.network_id} {self.day}"


class Discrepancy(models.Model):
    """One difference: a case, carried to its end."""

    class Kind(models.TextChoices):
        """What is wrong."""

        ONLY_OURS = "ONLY_OURS", "Only in our books"
        ONLY_THEIRS = "ONLY_THEIRS", "Only in their register"
        AMOUNT_DIFFERS = "AMOUNT_DIFFERS", "The amounts differ"
        ACCOUNT_DIFFERS = "ACCOUNT_DIFFERS", "The accounts differ"
        DOUBLED = "DOUBLED", "Twice in their register"

    class State(models.TextChoices):
        """How far the case is."""

        OPEN = "OPEN", "Open"
        RESOLVED = "RESOLVED", "Resolved"
        GONE = "GONE", "No longer there at a later check"

    check_run = models.ForeignKey(TerminalCheck, on_delete=models.PROTECT, related_name="discrepancies")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    txn_id = models.CharField(max_length=64)
    # As the register has it, where it has a line; else as our payment has it.
    account_number = models.CharField(max_length=32)
    # Ours of that day; where only their register has the line, ours of another day, if there is one.
    payment = models.ForeignKey(Payment, null=True, on_delete=models.PROTECT, related_name="+")
    register_line_number = models.IntegerField(null=True)
    our_amount_minor = models.BigIntegerField(null=True)
    their_amount_minor = models.BigIntegerField(null=True)
    state = state_field(State, default=State.OPEN)
    note = models.CharField(max_length=300, blank=True)
    resolved_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        """A difference is named once; a resolved one says how."""

        constraints = [
            models.UniqueConstraint(
                fields=["check_run", "kind", "txn_id", "register_line_number"],
                name="reconciliation_discrepancy_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=~Q(state="RESOLVED") | (~Q(note="") & Q(resolved_by__isnull=False)),
                name="reconciliation_discrepancy_resolved_says_how",
            ),
        ]

    def __str__(self) -> str:
        """Show kind and transaction."""
        return f"{self.kind} {self.txn_id}"
