"""What a plan includes: minutes, messages, bytes or money that are used before anything is charged."""

from django.db import models

from billing_site.db.fields import names_field
from tariffs.models.plan import PlanVersion
from tariffs.models.zone import Zone


class Allowance(models.Model):
    """An allowance of a plan version for one bill period."""

    class Unit(models.TextChoices):
        """What is counted."""

        SECONDS = "SECONDS", "Seconds"
        EVENTS = "EVENTS", "Events"
        BYTES = "BYTES", "Bytes"
        MONEY = "MONEY", "Money"

    plan_version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="allowances")
    code = models.CharField(max_length=32)
    names = names_field()
    unit = models.CharField(max_length=16, choices=Unit.choices)
    # Seconds, events and bytes as they are; money in millionths of the major unit.
    quantity = models.BigIntegerField()
    zones = models.ManyToManyField(Zone, related_name="+")
    priority = models.PositiveSmallIntegerField(default=1)
    shared_by_account = models.BooleanField(default=False)

    class Meta:
        """Drawn in the order of priority."""

        constraints = [
            models.UniqueConstraint(fields=["plan_version", "code"], name="tariffs_allowance_code_once"),
            models.UniqueConstraint(fields=["plan_version", "priority"], name="tariffs_allowance_one_order"),
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="tariffs_allowance_positive"),
        ]

    def __str__(self) -> str:
        """Show the code."""
        return self.code
