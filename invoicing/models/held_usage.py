"""What became of usage that came after a final bill: billed to whoever made the calls, or written off by two people."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from billing_site.db.fields import micro_field, state_field
from billing_site.identity.models import User
from invoicing.models.bill_run import BillRun
from subscribers.models import Account


class HeldUsageDecision(models.Model):
    """
    A decision about everything held of one account.

    Once done, the account's periods are cut up to ``held_until``: what comes still later is held anew.
    """

    class Kind(models.TextChoices):
        """What becomes of it."""

        BILL = "BILL", _("Extra bill")
        WRITE_OFF = "WRITE_OFF", _("Write-off")

    class State(models.TextChoices):
        """Whether it counts; an extra bill counts at once."""

        PROPOSED = "PROPOSED", "Waiting for a second person"
        DONE = "DONE", "Done"
        DECLINED = "DECLINED", "Declined"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    state = state_field(State, default=State.PROPOSED)
    # First days of the oldest bill period held, and of the one after the latest.
    held_from = models.DateField()
    held_until = models.DateField()
    # What was held when it was proposed; approved only while it is still that much.
    record_count = models.BigIntegerField()
    duration_seconds = models.BigIntegerField()
    amount_micro = micro_field()
    reason = models.CharField(max_length=300, blank=True)
    # Of an extra bill; as for lines: no foreign key to what a run writes.
    run = models.OneToOneField(BillRun, null=True, on_delete=models.PROTECT, related_name="+")
    invoice_id = models.BigIntegerField(null=True)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        """Written off by two people, for a reason, once; billed with a bill; one proposal at a time."""

        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="WRITE_OFF", state="DONE")
                | (Q(decided_by__isnull=False) & ~Q(decided_by=F("proposed_by"))),
                name="invoicing_helddecision_second_person",
            ),
            models.CheckConstraint(
                condition=Q(state="PROPOSED", decided_by__isnull=True, decided_at__isnull=True)
                | (~Q(state="PROPOSED") & Q(decided_by__isnull=False, decided_at__isnull=False)),
                name="invoicing_helddecision_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(kind="BILL", state="DONE", run__isnull=False, invoice_id__isnull=False)
                | (Q(kind="WRITE_OFF", run__isnull=True, invoice_id__isnull=True) & ~Q(reason="")),
                name="invoicing_helddecision_bill_or_reason",
            ),
            models.CheckConstraint(
                condition=Q(held_until__gt=F("held_from"), record_count__gt=0),
                name="invoicing_helddecision_of_something",
            ),
            models.UniqueConstraint(
                fields=["account"], condition=Q(state="PROPOSED"), name="invoicing_helddecision_one_waits"
            ),
            ExclusionConstraint(
                name="invoicing_helddecision_written_off_once",
                expressions=[
                    ("account", RangeOperators.EQUAL),
                    (
                        Func(F("held_from"), F("held_until"), function="daterange", output_field=DateRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(kind="WRITE_OFF", state="DONE"),
            ),
        ]

    def __str__(self) -> str:
        """Show kind and account."""
        return f"{self.kind} {self.account_id}"
