"""A difference of the terminal check: a case with an owner, carried to its end by an act that says what was done."""

from django.db import models
from django.db.models import F, Q

from billing_site.db.fields import state_field
from billing_site.identity.models import User
from invoicing.models import Letter
from payments.models import Payment
from reconciliation.models.terminal_check import TerminalCheck


class Discrepancy(models.Model):
    """One difference: a case, carried to its end."""

    class Kind(models.TextChoices):
        """What is wrong."""

        ONLY_OURS = "ONLY_OURS", "Only in our books"
        ONLY_THEIRS = "ONLY_THEIRS", "Only in their register"
        AMOUNT_DIFFERS = "AMOUNT_DIFFERS", "The amounts differ"
        ACCOUNT_DIFFERS = "ACCOUNT_DIFFERS", "The accounts differ"
        OTHER_DAY = "OTHER_DAY", "On another day"
        DOUBLED = "DOUBLED", "Twice in their register"

    class State(models.TextChoices):
        """How far the case is."""

        OPEN = "OPEN", "Open"
        EXPLAINED = "EXPLAINED", "Explained"
        PROPOSED = "PROPOSED", "Waits for a second person"
        RESOLVED = "RESOLVED", "Resolved"
        GONE = "GONE", "No longer there at a later check"

    class Act(models.TextChoices):
        """What is done about it."""

        TAKE_IN = "TAKE_IN", "The money is taken in"
        SUSPEND = "SUSPEND", "The money is taken into suspense"
        CANCEL = "CANCEL", "Our payment is taken back"
        REPLACE = "REPLACE", "Our payment is taken back and taken in as the register has it"
        ACCEPT = "ACCEPT", "Accepted as it is"

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
    owner = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    # Why it is so, as somebody found out.
    explanation = models.CharField(max_length=300, blank=True)
    explained_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    explained_at = models.DateTimeField(null=True)
    act = models.CharField(max_length=8, choices=Act.choices, blank=True)
    # Why the act: the reason given with it.
    note = models.CharField(max_length=300, blank=True)
    letter = models.ForeignKey(Letter, null=True, on_delete=models.PROTECT, related_name="+")
    # Where the money goes, if not to the account of the register.
    target_number = models.CharField(max_length=32, blank=True)
    # What one person may move alone, as it was when the act was proposed.
    limit_minor = models.BigIntegerField(default=0)
    proposed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    resolved_at = models.DateTimeField(null=True)
    # What the act made: it is no payment of the online exchange, so no later check looks for it in a register.
    new_payment = models.OneToOneField(Payment, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """A difference is named once; an act has its reason, and above the limit two people; a resolved one is done."""

        constraints = [
            models.UniqueConstraint(
                fields=["check_run", "kind", "txn_id", "register_line_number"],
                name="reconciliation_discrepancy_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=~Q(state="RESOLVED")
                | (~Q(note="") & ~Q(act="") & Q(proposed_by__isnull=False, resolved_by__isnull=False)),
                name="reconciliation_discrepancy_resolved_says_how",
            ),
            models.CheckConstraint(
                condition=~Q(state="EXPLAINED") | (~Q(explanation="") & Q(explained_by__isnull=False)),
                name="reconciliation_discrepancy_explained_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(state="RESOLVED")
                | Q(act="ACCEPT")
                | (
                    (Q(our_amount_minor__isnull=True) | Q(our_amount_minor__lte=F("limit_minor")))
                    & (Q(their_amount_minor__isnull=True) | Q(their_amount_minor__lte=F("limit_minor")))
                )
                | ~Q(resolved_by=F("proposed_by")),
                name="reconciliation_discrepancy_second_person",
            ),
            models.CheckConstraint(
                condition=~Q(state="RESOLVED", act__in=["TAKE_IN", "SUSPEND", "REPLACE"])
                | Q(new_payment__isnull=False),
                name="reconciliation_discrepancy_money_taken",
            ),
        ]
        indexes = [
            models.Index(
                fields=["state", "check_run"],
                condition=Q(state__in=["OPEN", "EXPLAINED", "PROPOSED"]),
                name="reconciliation_case_live",
            ),
        ]

    def __str__(self) -> str:
        """Show kind and transaction."""
        return f"{self.kind} {self.txn_id}"

    @property
    def amount_minor(self) -> int:
        """The larger of both amounts: what the case is about, in minor units."""
        return max(self.our_amount_minor or 0, self.their_amount_minor or 0)


# A case in one of these waits for somebody, and no day is signed off over it.
LIVE_STATES = (Discrepancy.State.OPEN, Discrepancy.State.EXPLAINED, Discrepancy.State.PROPOSED)
