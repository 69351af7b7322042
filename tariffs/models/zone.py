"""Where a call goes: zones and the prefixes that lead there."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models

from billing_site.db.fields import names_field
from tariffs.models.bill_item import UsageCategory


class Zone(models.Model):
    """A destination zone; its usage category decides the bill item."""

    code = models.CharField(max_length=32, unique=True)
    names = names_field()
    usage_category = models.ForeignKey(UsageCategory, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        """Show the code."""
        return self.code


class ZonePrefix(models.Model):
    """A prefix of the called number (country code first, digits only) that leads to a zone during a period."""

    zone = models.ForeignKey(Zone, on_delete=models.PROTECT, related_name="prefixes")
    prefix = models.CharField(max_length=15)
    during = DateRangeField()

    class Meta:
        """A prefix leads to one zone on any day."""

        constraints = [
            ExclusionConstraint(
                name="tariffs_zoneprefix_one_zone",
                expressions=[("prefix", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(
                condition=models.Q(prefix__regex=r"^[0-9]{1,15}$"), name="tariffs_zoneprefix_digits_only"
            ),
        ]

    def __str__(self) -> str:
        """Show the prefix."""
        return self.prefix
