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
    # Days on which it can be used, the last one excluded; null: as long as the version.
    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    # What a period leaves is added to the next one, at most the limit (null: all of it); once, then it is lost.
    rolls_over = models.BooleanField(default=False, db_default=False)
    rollover_limit = models.BigIntegerField(null=True, blank=True)

    class Meta:
        """Drawn in the order of priority."""

        constraints = [
            models.UniqueConstraint(fields=["plan_version", "code"], name="tariffs_allowance_code_once"),
            models.UniqueConstraint(fields=["plan_version", "priority"], name="tariffs_allowance_one_order"),
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="tariffs_allowance_positive"),
            models.CheckConstraint(
                condition=models.Q(valid_until__isnull=True)
                | models.Q(valid_from__isnull=True)
                | models.Q(valid_until__gt=models.F("valid_from")),
                name="tariffs_allowance_ends_after_start",
            ),
            models.CheckConstraint(
                condition=models.Q(rollover_limit__isnull=True) | models.Q(rolls_over=True, rollover_limit__gte=0),
                name="tariffs_allowance_limit_of_rollover",
            ),
        ]

    def __str__(self) -> str:
        """Show the code."""
        return self.code
