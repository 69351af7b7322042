"""One-off charges that people enter: a connection, a visit, equipment, a penalty; billed once by the next run."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from billing_site.documents.models import StoredFile
from billing_site.identity.models import User
from subscribers.models import Account, Subscription
from tariffs.models import BillItem


class OneOffCharge(models.Model):
    """
    What an account owes once, beside its plans and its use.

    Whether it is billed is said by its row of ``ChargeBilling``, which comes and goes with a draft.
    """

    class Kind(models.TextChoices):
        """What it is charged for."""

        CONNECTION = "CONNECTION", "Connection"
        RELOCATION = "RELOCATION", "Relocation"
        VISIT = "VISIT", "Visit"
        EQUIPMENT = "EQUIPMENT", "Equipment"
        PENALTY = "PENALTY", "Penalty"
        OTHER = "OTHER", "Other"

    class State(models.TextChoices):
        """Whether it counts: above a limit a second person says so first."""

        PROPOSED = "PROPOSED", "Waiting for a second person"
        READY = "READY", "To be billed"
        WITHDRAWN = "WITHDRAWN", "Withdrawn"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    subscription = models.ForeignKey(Subscription, null=True, on_delete=models.PROTECT, related_name="+")
    bill_item = models.ForeignKey(BillItem, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    state = models.CharField(max_length=16, choices=State.choices, default=State.READY)
    # Price of one, before tax, in millionths of the account's currency.
    price_micro = models.BigIntegerField()
    quantity = models.PositiveIntegerField(default=1)
    charged_on = models.DateField()
    note = models.CharField(max_length=300)
    # The sheet that it came with, if it did.
    sheet = models.ForeignKey(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(db_default=Now())
    added_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    # When it began to wait for a bill: with its entry, or with the second person's word.
    ready_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_for = models.CharField(max_length=300, blank=True)

    class Meta:
        """Something is charged; two people above the limit; runs find what waits."""

        constraints = [
            models.CheckConstraint(
                condition=Q(price_micro__gt=0, quantity__gte=1), name="invoicing_oneoffcharge_charges_something"
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("added_by")),
                name="invoicing_oneoffcharge_second_person",
            ),
            models.CheckConstraint(
                condition=Q(state="WITHDRAWN") | Q(withdrawn_by__isnull=True, withdrawn_for=""),
                name="invoicing_oneoffcharge_withdrawn_says_why",
            ),
        ]
        indexes = [models.Index(fields=["account", "charged_on"], name="invoicing_oneoffcharge_account")]

    def __str__(self) -> str:
        """Show kind and account."""
        return f"{self.kind} {self.account_id}"


class ChargeBilling(models.Model):
    """The line that bills a one-off charge: written with the draft, thrown away with it, kept once posted (trigger)."""

    charge = models.OneToOneField(OneOffCharge, on_delete=models.PROTECT, related_name="billing")
    # As for lines: no foreign key to what a run writes by the million.
    invoice_id = models.BigIntegerField()
    n = models.SmallIntegerField()

    class Meta:
        """Found by bill."""

        indexes = [models.Index(fields=["invoice_id"], name="invoicing_chargebilling_bill")]

    def __str__(self) -> str:
        """Show the charge."""
        return f"{self.charge_id}"
