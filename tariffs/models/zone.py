"""Where use goes: zones, and the prefixes, named points and relations that lead there."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models

from billing_site.db.fields import names_field
from tariffs.models.bill_item import UsageCategory


class Zone(models.Model):
    """
    A destination zone; its usage category decides the bill item.

    Use of a free zone (emergency, helplines) costs nothing in any plan and is on no itemised bill. The zone of a
    relation prices calls between people who stand in it, where the plan has a rate for it.
    """

    class Relation(models.TextChoices):
        """How caller and called stand to each other."""

        FAVOURITE = "FAVOURITE", "Favourite number"
        GROUP = "GROUP", "Closed user group"

    code = models.CharField(max_length=32, unique=True)
    names = names_field()
    usage_category = models.ForeignKey(UsageCategory, on_delete=models.PROTECT, related_name="+")
    is_free = models.BooleanField(default=False, db_default=False)
    relation = models.CharField(max_length=16, choices=Relation.choices, blank=True, default="", db_default="")

    class Meta:
        """A relation has one zone; it is a price, so it is never free by law."""

        constraints = [
            models.UniqueConstraint(
                fields=["relation"], condition=~models.Q(relation=""), name="tariffs_zone_one_of_a_relation"
            ),
            models.CheckConstraint(
                condition=models.Q(relation="") | models.Q(is_free=False), name="tariffs_zone_relation_is_priced"
            ),
        ]

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


class ZonePoint(models.Model):
    """
    An access point of data or a name of content that leads to a zone during a period; ``*`` is any other name.

    Names are kept folded: without case and outer blanks.
    """

    zone = models.ForeignKey(Zone, on_delete=models.PROTECT, related_name="points")
    # A kind of usage whose called is a name.
    service = models.CharField(max_length=16)
    name = models.CharField(max_length=100)
    during = DateRangeField()

    class Meta:
        """A point leads to one zone on any day."""

        constraints = [
            ExclusionConstraint(
                name="tariffs_zonepoint_one_zone",
                expressions=[
                    ("service", RangeOperators.EQUAL),
                    ("name", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                condition=models.Q(service__in=["DATA", "CONTENT"]), name="tariffs_zonepoint_service_with_names"
            ),
            models.CheckConstraint(condition=~models.Q(name=""), name="tariffs_zonepoint_named"),
        ]

    def __str__(self) -> str:
        """Show service and name."""
        return f"{self.service} {self.name}"
