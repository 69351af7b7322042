"""Worked examples of a plan version: usage with the amount that a person expects, and what pricing gave."""

from typing import ClassVar

from django.db import models

from billing_site.db.fields import micro_field
from billing_site.identity.models import User
from tariffs.models.plan import PlanVersion
from tariffs.models.rate import Rate
from tariffs.models.zone import Zone


class TestCall(models.Model):
    """
    One example: what is used, when, by whom, and what it must cost.

    The result belongs to the contents of the version whose digest it carries: after any change it is stale.
    """

    __test__: ClassVar[bool] = False

    class Result(models.TextChoices):
        """What came of the last run."""

        GREEN = "GREEN", "As expected"
        RED = "RED", "Differs"

    plan_version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="test_calls")
    position = models.PositiveSmallIntegerField()
    note = models.CharField(max_length=200, blank=True, default="")
    calling = models.CharField(max_length=32, blank=True, default="")
    # The number as dialled, or the zone itself.
    called = models.CharField(max_length=32, blank=True, default="")
    zone = models.ForeignKey(Zone, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    unit = models.CharField(max_length=16, choices=Rate.Unit.choices, default=Rate.Unit.SECONDS)
    quantity = models.BigIntegerField()
    started_at = models.DateTimeField()
    customer_category = models.CharField(max_length=32, blank=True, default="")
    expected_micro = micro_field()

    result = models.CharField(max_length=8, choices=Result.choices, blank=True, default="")
    got_micro = models.BigIntegerField(null=True, blank=True)
    # Sentences of the kernel: why it costs what it costs, or why there is no price. ``[{"msgid": ..., "params": ...}]``
    trace = models.JSONField(default=list)
    contents_digest = models.CharField(max_length=64, blank=True, default="")
    run_at = models.DateTimeField(null=True, blank=True)
    run_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """A number or a zone; green exactly where the amounts agree."""

        constraints = [
            models.UniqueConstraint(fields=["plan_version", "position"], name="tariffs_testcall_one_place"),
            models.CheckConstraint(
                condition=models.Q(called="", zone__isnull=False)
                | (~models.Q(called="") & models.Q(zone__isnull=True)),
                name="tariffs_testcall_number_or_zone",
            ),
            models.CheckConstraint(
                condition=models.Q(quantity__gte=0, expected_micro__gte=0), name="tariffs_testcall_not_negative"
            ),
            models.CheckConstraint(
                condition=~models.Q(result="GREEN") | models.Q(got_micro=models.F("expected_micro")),
                name="tariffs_testcall_green_is_equal",
            ),
            models.CheckConstraint(
                condition=models.Q(result="", run_at__isnull=True)
                | (~models.Q(result="") & models.Q(run_at__isnull=False)),
                name="tariffs_testcall_result_has_a_run",
            ),
        ]

    def __str__(self) -> str:
        """Show place and destination."""
        return f"{self.position}: {self.called or self.zone_id}"
