"""
A bill run: everything that decides it is frozen in its row when it is planned.

Later phases read the row, never the clock.

Its chunks are ranges of accounts: one chunk, one transaction. The chunk rows are the truth about what is done.
"""

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Now

from billing_site.core.messages import Message
from billing_site.db.fields import state_field
from billing_site.identity.models import User
from billing_site.jobs.models import Job
from subscribers.models import Account, BillCycle


class BillRun(models.Model):
    """The bills of one cycle for one period."""

    class State(models.TextChoices):
        """Where a run stands."""

        PLANNED = "PLANNED", "Planned"
        CALCULATING = "CALCULATING", "Calculating"
        CALCULATED = "CALCULATED", "To be reviewed"
        POSTING = "POSTING", "Posting"
        POSTED = "POSTED", "Posted"
        DELIVERING = "DELIVERING", "Delivering"
        DELIVERED = "DELIVERED", "Delivered"
        CANCELLED = "CANCELLED", "Cancelled"
        UNDOING = "UNDOING", "Being taken back"
        UNDONE = "UNDONE", "Taken back"

    class Kind(models.TextChoices):
        """Whose bills a run makes."""

        FULL = "FULL", "Everybody"
        PILOT = "PILOT", "Pilot"
        CATCH_UP = "CATCH_UP", "Catching up"
        FINAL = "FINAL", "Final bill"
        REPLACEMENT = "REPLACEMENT", "Bill calculated again"

    cycle = models.ForeignKey(BillCycle, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=Kind.choices, default=Kind.FULL, db_default=Kind.FULL)
    # By what the accounts of a pilot were chosen (``invoicing.domain.run_rules``); they themselves are rows.
    rule = models.JSONField(default=dict, db_default=Value({}, models.JSONField()))
    # What was checked of the pilots before everybody was billed: the step from pilot to full operation, in words.
    checked = models.TextField(blank=True, db_default="")
    # The period billed, half-open days of the operator's zone.
    period_from = models.DateField()
    period_until = models.DateField()
    # Usage whose bill period began on or before this day is billed.
    usage_through = models.DateField()
    issued_on = models.DateField()
    due_on = models.DateField()
    state = state_field(State, default=State.PLANNED)
    job = models.ForeignKey(Job, null=True, on_delete=models.PROTECT, related_name="+")
    currency = models.CharField(max_length=3)
    currency_digits = models.PositiveSmallIntegerField()
    rounding_mode = models.CharField(max_length=16, default="HALF_UP")
    template_version = models.CharField(max_length=32)
    # Entries of the books up to this one are in the balances that the bills show; later ones wait for the next bill.
    ledger_through = models.BigIntegerField(default=0)
    # Payments after this entry (the limit of the cycle's last run) are shown as received since the last bill.
    ledger_after = models.BigIntegerField(default=0)
    # Names, prices, tax rates and discounts as they were when the run was planned: the only price list that it reads.
    reference = models.JSONField(default=dict)
    # Findings of the check that somebody went past, by code, with the name of who did and why.
    overridden = models.JSONField(default=list)
    # The block of numbers taken when posting began.
    number_prefix = models.CharField(max_length=32, blank=True)
    number_digits = models.PositiveSmallIntegerField(default=6)
    started_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    posted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    # A posted run is taken back by two: one asks and says why, another does it.
    undo_asked_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    undo_reason = models.TextField(blank=True, db_default="")
    undone_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)
    planned_at = models.DateTimeField(db_default=Now())
    calculated_at = models.DateTimeField(null=True, blank=True)
    posted_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    account_count = models.BigIntegerField(default=0)
    billed_count = models.BigIntegerField(default=0)
    parked_count = models.BigIntegerField(default=0)
    skipped_count = models.BigIntegerField(default=0)
    net_minor = models.BigIntegerField(default=0)
    tax_minor = models.BigIntegerField(default=0)
    gross_minor = models.BigIntegerField(default=0)
    # Control totals of posting; a run whose totals differ cannot become POSTED.
    posted_count = models.BigIntegerField(default=0)
    posted_gross_minor = models.BigIntegerField(default=0)

    class Meta:
        """One living full run for a cycle and period; who starts it does not post it; it ends adding up."""

        constraints = [
            models.UniqueConstraint(
                fields=["cycle", "period_from"],
                condition=Q(kind="FULL") & ~Q(state__in=["CANCELLED", "UNDONE"]),
                name="invoicing_billrun_once_a_period",
            ),
            # A final bill is made by one person, while the subscriber waits.
            models.CheckConstraint(
                condition=Q(posted_by__isnull=True) | ~Q(posted_by=F("started_by")) | Q(kind="FINAL"),
                name="invoicing_billrun_second_person",
            ),
            models.CheckConstraint(
                condition=(~Q(state__in=["UNDOING", "UNDONE"]) & Q(undone_by__isnull=True))
                | (
                    Q(state__in=["UNDOING", "UNDONE"], undone_by__isnull=False, undo_asked_by__isnull=False)
                    & ~Q(undone_by=F("undo_asked_by"))
                    & ~Q(undo_reason="")
                ),
                name="invoicing_billrun_undone_by_second_person",
            ),
            models.CheckConstraint(
                condition=Q(period_until__gt=F("period_from")), name="invoicing_billrun_period_in_order"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["PLANNED", "CALCULATING", "CANCELLED"])
                | Q(account_count=F("billed_count") + F("parked_count") + F("skipped_count")),
                name="invoicing_billrun_accounts_add_up",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["POSTED", "DELIVERING", "DELIVERED", "UNDOING", "UNDONE"])
                | Q(posted_count=F("billed_count"), posted_gross_minor=F("gross_minor")),
                name="invoicing_billrun_posted_adds_up",
            ),
        ]

    def __str__(self) -> str:
        """Show cycle and period."""
        return f"{self.cycle_id} {self.period_from}"


class BillRunChunk(models.Model):
    """A range of accounts of a run, about five thousand."""

    class State(models.TextChoices):
        """How far a chunk is."""

        TODO = "TODO", "To do"
        CALCULATED = "CALCULATED", "Calculated"
        POSTED = "POSTED", "Posted"
        UNDONE = "UNDONE", "Taken back"

    run = models.ForeignKey(BillRun, on_delete=models.PROTECT, related_name="chunks")
    n = models.PositiveIntegerField()
    first_account_id = models.BigIntegerField()
    last_account_id = models.BigIntegerField()
    state = state_field(State, default=State.TODO)
    account_count = models.IntegerField(default=0)
    billed_count = models.IntegerField(default=0)
    parked_count = models.IntegerField(default=0)
    skipped_count = models.IntegerField(default=0)
    net_minor = models.BigIntegerField(default=0)
    tax_minor = models.BigIntegerField(default=0)
    gross_minor = models.BigIntegerField(default=0)
    # Why accounts were skipped: ``{"NOTHING_TO_BILL": 12}``.
    skipped_reasons = models.JSONField(default=dict)
    # As the books say after posting.
    posted_count = models.IntegerField(default=0)
    posted_gross_minor = models.BigIntegerField(default=0)
    # First invoice number of the chunk, given when posting begins: chunks post side by side, numbers stay in order.
    first_number = models.BigIntegerField(null=True)

    class Meta:
        """Chunks are numbered in the order of accounts."""

        constraints = [
            models.UniqueConstraint(fields=["run", "n"], name="invoicing_billrunchunk_number_once"),
            models.CheckConstraint(
                condition=~Q(state__in=["POSTED", "UNDONE"])
                | Q(posted_count=F("billed_count"), posted_gross_minor=F("gross_minor")),
                name="invoicing_billrunchunk_posted_adds_up",
            ),
        ]

    def __str__(self) -> str:
        """Show run and number."""
        return f"{self.run_id}/{self.n}"


class BillRunAccount(models.Model):
    """An account of a run that is not for everybody: frozen when the run is planned."""

    run = models.ForeignKey(BillRun, on_delete=models.PROTECT, related_name="accounts")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """Once a run."""

        constraints = [models.UniqueConstraint(fields=["run", "account"], name="invoicing_billrunaccount_once")]

    def __str__(self) -> str:
        """Show run and account."""
        return f"{self.run_id} {self.account_id}"


class ParkedAccount(models.Model):
    """
    An account that a run set aside, with the reason; the others went on.

    Open until somebody decides: it is billed as it is, or billed again after something was mended.
    """

    class Outcome(models.TextChoices):
        """What became of it."""

        OPEN = "", "Open"
        ACCEPTED = "ACCEPTED", "Billed as it is"
        MENDED = "MENDED", "Billed after mending"
        NOTHING = "NOTHING", "Nothing to bill"

    run = models.ForeignKey(BillRun, on_delete=models.PROTECT, related_name="parked")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=64)
    detail = models.TextField(blank=True)
    # The detail as a sentence with its values, {"msgid", "params"}, for readers of every language; empty where it is
    # none.
    told = models.JSONField(default=dict, db_default=Value({}, models.JSONField()))
    # Who pays for it and could not be billed: it comes with that one.
    waits_for = models.ForeignKey(Account, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # The bill that was not let through, where there was one, and what is usual for the account; minor units.
    gross_minor = models.BigIntegerField(null=True, blank=True)
    usual_minor = models.BigIntegerField(null=True, blank=True)
    outcome = models.CharField(max_length=16, choices=Outcome.choices, blank=True, default="", db_default="")
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision = models.TextField(blank=True, default="", db_default="")

    class Meta:
        """Once a run; whatever is decided is decided by somebody, who says why."""

        constraints = [
            models.UniqueConstraint(fields=["run", "account"], name="invoicing_parkedaccount_once"),
            models.CheckConstraint(
                condition=Q(outcome="", decided_by__isnull=True)
                | (~Q(outcome="") & Q(decided_by__isnull=False) & ~Q(decision="")),
                name="invoicing_parkedaccount_decided_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        """Show run and account."""
        return f"{self.run_id} {self.account_id}"

    @property
    def why(self) -> Message | None:
        """What is known besides the reason, as a sentence; nothing where there is none."""
        if self.told:
            return Message(msgid=self.told["msgid"], params=self.told["params"])
        return Message(msgid=self.detail) if self.detail else None

    @property
    def is_open(self) -> bool:
        """Whether it waits for somebody."""
        return not self.outcome


class BillBound(models.Model):
    """
    What a bill of a customer category must look like to go on by itself; a bill outside is set aside.

    A run goes by the bounds that it found when it was planned.
    """

    category = models.CharField(max_length=16, choices=Account.Category.choices, unique=True)
    parks_zero = models.BooleanField(default=False)
    parks_negative = models.BooleanField(default=True)
    # More than this many times the middle of the account's own last bills; empty: never.
    times = models.PositiveSmallIntegerField(null=True, blank=True)
    # A bill up to this amount is never unusually large; minor units.
    floor_minor = models.BigIntegerField(default=0)
    changed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """A multiple of one or less would set every other bill aside."""

        constraints = [
            models.CheckConstraint(
                condition=Q(times__isnull=True) | Q(times__gt=1), name="invoicing_billbound_times_more_than_once"
            ),
            models.CheckConstraint(condition=Q(floor_minor__gte=0), name="invoicing_billbound_floor_not_negative"),
        ]

    def __str__(self) -> str:
        """Show the category."""
        return self.category
