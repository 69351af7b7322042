"""
Dunning of accounts: runs, cases, what was done, what was promised, who is left out.

What was done is written once and never changes (triggers in ``migrations/sql``).
"""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from billing_site.db.fields import minor_field, state_field
from billing_site.identity.models import User
from billing_site.jobs.models import Job
from invoicing.models import OneOffCharge
from payments.models.dunning_policy import DunningStep
from subscribers.models import Account


class DunningRun(models.Model):
    """The run of a day, in pieces of accounts: one for a day, gone on with when it was interrupted."""

    class State(models.TextChoices):
        """Where it stands."""

        RUNNING = "RUNNING", "Running"
        DONE = "DONE", "Done"

    day = models.DateField(unique=True)
    state = state_field(State, default=State.RUNNING)
    job = models.ForeignKey(Job, null=True, on_delete=models.PROTECT, related_name="+")
    # Nobody: the night's own.
    started_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    account_count = models.PositiveIntegerField(default=0)
    piece_count = models.PositiveIntegerField(default=0)
    done_pieces = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        """No more pieces are done than there are."""

        constraints = [
            models.CheckConstraint(
                condition=Q(done_pieces__lte=models.F("piece_count")), name="payments_dunningrun_pieces_fit"
            ),
        ]

    def __str__(self) -> str:
        """Show the day."""
        return str(self.day)


class DunningCase(models.Model):
    """The dunning of one debt: the account's oldest overdue bill. A debt overdue again goes on in its own case."""

    class Ending(models.TextChoices):
        """Why it ended."""

        PAID = "PAID", _("The debt is paid")
        HELD_BACK = "HELD_BACK", _("The debt is held back")
        WRITTEN_OFF = "WRITTEN_OFF", _("The debt is written off")
        TAKEN_BACK = "TAKEN_BACK", _("The bill was taken back")

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    invoice_id = models.BigIntegerField(unique=True)
    opened_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ending = models.CharField(max_length=16, choices=Ending.choices, blank=True)

    class Meta:
        """An account has one open case."""

        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=Q(ended_at__isnull=True), name="payments_dunningcase_one_open"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ending="") | (Q(ended_at__isnull=False) & ~Q(ending="")),
                name="payments_dunningcase_ended_says_why",
            ),
        ]
        indexes = [models.Index(fields=["account", "-id"], name="payments_dunningcase_account")]

    def __str__(self) -> str:
        """Show account and bill."""
        return f"{self.account_id} {self.invoice_id}"


class DunningAct(models.Model):
    """A step taken: in which run, for which debt, how large it was, and the last entry of the books that counted."""

    run = models.ForeignKey(DunningRun, on_delete=models.PROTECT, related_name="acts")
    case = models.ForeignKey(DunningCase, on_delete=models.PROTECT, related_name="acts")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    step = models.ForeignKey(DunningStep, on_delete=models.PROTECT, related_name="+")
    n = models.PositiveSmallIntegerField()
    overdue_minor = minor_field()
    held_back_minor = minor_field(default=0)
    oldest_due_on = models.DateField()
    line_count = models.PositiveSmallIntegerField(default=0)
    # The account's balance is read up to here: what was known when the step was taken.
    last_entry_id = models.BigIntegerField()
    taken_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        """A run takes one step for an account; a step is taken once for a debt; somebody owed something."""

        constraints = [
            models.UniqueConstraint(fields=["run", "account"], name="payments_dunningact_one_a_run"),
            models.UniqueConstraint(fields=["case", "n"], name="payments_dunningact_step_once"),
            models.CheckConstraint(condition=Q(overdue_minor__gt=0), name="payments_dunningact_something_owed"),
        ]
        indexes = [models.Index(fields=["account", "-id"], name="payments_dunningact_account")]

    def __str__(self) -> str:
        """Show case and step."""
        return f"{self.case_id}/{self.n}"


class DunningFee(models.Model):
    """A fee that dunning charged: of the step ``act``, or, without one, of making the lines free again."""

    case = models.ForeignKey(DunningCase, on_delete=models.PROTECT, related_name="fees")
    act = models.OneToOneField(DunningAct, null=True, on_delete=models.PROTECT, related_name="fee")
    charge = models.OneToOneField(OneOffCharge, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """A debt's lines are made free for a fee once."""

        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(act__isnull=True), name="payments_dunningfee_freed_once"
            ),
        ]

    def __str__(self) -> str:
        """Show case and charge."""
        return f"{self.case_id} {self.charge_id}"


class PaymentPromise(models.Model):
    """A promise to pay: nothing is done until its day; broken, the ladder goes on where it stopped."""

    class State(models.TextChoices):
        """What became of it."""

        OPEN = "OPEN", "Open"
        KEPT = "KEPT", "Kept"
        BROKEN = "BROKEN", "Broken"

    class Channel(models.TextChoices):
        """How it was given."""

        COUNTER = "COUNTER", _("At a counter")
        PHONE = "PHONE", _("By telephone")
        PORTAL = "PORTAL", _("On the subscriber's pages")
        LETTER = "LETTER", _("In writing")

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    amount_minor = minor_field()
    pay_until_on = models.DateField()
    channel = models.CharField(max_length=16, choices=Channel.choices)
    # Who gave it, as he called himself.
    given_by = models.CharField(max_length=100)
    state = state_field(State, default=State.OPEN)
    taken_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    promised_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """One open promise an account; an amount is positive."""

        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=Q(state="OPEN"), name="payments_paymentpromise_one_open"
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payments_paymentpromise_amount_positive"),
            models.CheckConstraint(
                condition=Q(state="OPEN", ended_at__isnull=True) | (~Q(state="OPEN") & Q(ended_at__isnull=False)),
                name="payments_paymentpromise_ended_has_time",
            ),
        ]
        indexes = [models.Index(fields=["account", "-id"], name="payments_promise_account")]

    def __str__(self) -> str:
        """Show account and day."""
        return f"{self.account_id} {self.pay_until_on}"


class DunningExclusion(models.Model):
    """An account left out of dunning for some days, with the reason."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300)
    during = DateRangeField()
    made_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        """Left out once on any day; somebody said why."""

        constraints = [
            ExclusionConstraint(
                name="payments_dunningexclusion_once_a_day",
                expressions=[("account", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="payments_dunningexclusion_says_why"),
        ]

    def __str__(self) -> str:
        """Show account and days."""
        return f"{self.account_id} {self.during}"
