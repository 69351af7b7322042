"""How numbers of the country are written, from a day on."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class NumberingPlanVersion(models.Model):
    """
    A numbering plan in force from a day until the next one: ``rating.domain.guiding.NumberingPlan`` as a row.

    Without any row the installation's settings are the plan.
    """

    PLAN_FIELDS: ClassVar[tuple[str, ...]] = (
        "country_code",
        "national_lengths",
        "trunk_prefix",
        "international_prefixes",
        "short_codes",
        "min_international_length",
    )

    valid_from = models.DateField(unique=True)
    country_code = models.CharField(max_length=3)
    # Digits of a whole number behind the country code.
    national_lengths = ArrayField(models.PositiveSmallIntegerField())
    trunk_prefix = models.CharField(max_length=4, blank=True)
    international_prefixes = ArrayField(models.CharField(max_length=6))
    short_codes = ArrayField(models.CharField(max_length=8), default=list, blank=True)
    min_international_length = models.PositiveSmallIntegerField(default=7)

    class Meta:
        """A plan that can read a number."""

        ordering = ["-valid_from"]
        constraints = [
            models.CheckConstraint(
                name="rating_numberingplan_code", condition=Q(country_code__regex=r"^[1-9][0-9]{0,2}$")
            ),
            models.CheckConstraint(
                name="rating_numberingplan_lengths", condition=~Q(national_lengths=[]) & ~Q(international_prefixes=[])
            ),
        ]

    def __str__(self) -> str:
        """Show country and day."""
        return f"+{self.country_code} {self.valid_from}"
