"""How a fee that does not depend on use is charged over time: for plans and for features alike."""

from django.db import models
from django.db.models import Q

LENGTHS = (1, 2, 3, 6, 12)
WHOLE_FEE = 100


class FeeTerms(models.Model):
    """When a fee is charged, how long its period is, and what a part of a period and a suspended day cost."""

    class Proration(models.TextChoices):
        """What a part of a period costs."""

        CALENDAR_DAYS = "CALENDAR_DAYS", "By calendar days"
        THIRTY_DAYS = "THIRTY_DAYS", "By days of a 30-day month"
        WHOLE = "WHOLE", "The whole period"

    class EndProration(models.TextChoices):
        """What a part of a period costs that ends with the line."""

        SAME = "SAME", "As at the start"
        CALENDAR_DAYS = "CALENDAR_DAYS", "By calendar days"
        THIRTY_DAYS = "THIRTY_DAYS", "By days of a 30-day month"
        WHOLE = "WHOLE", "The whole period"
        NO_REFUND = "NO_REFUND", "What is paid in advance is not given back"

    class ChangeProration(models.TextChoices):
        """What a part of a period costs that begins or ends with another plan, price or feature."""

        SAME = "SAME", "As at the start"
        CALENDAR_DAYS = "CALENDAR_DAYS", "By calendar days"
        THIRTY_DAYS = "THIRTY_DAYS", "By days of a 30-day month"
        WHOLE = "WHOLE", "The whole period"

    class Timing(models.TextChoices):
        """Which bill a period is on."""

        ARREARS = "ARREARS", "When the period is over"
        ADVANCE = "ADVANCE", "When the period begins"

    timing = models.CharField(max_length=16, choices=Timing.choices, default=Timing.ARREARS, db_default=Timing.ARREARS)
    # Length of the fee's period; periods of a line begin on the bill day, counted from its first one.
    months = models.PositiveSmallIntegerField(default=1, db_default=1)
    # Of a period that begins with the line; the two others may say the same.
    proration = models.CharField(
        max_length=16, choices=Proration.choices, default=Proration.CALENDAR_DAYS, db_default=Proration.CALENDAR_DAYS
    )
    end_proration = models.CharField(
        max_length=16, choices=EndProration.choices, default=EndProration.SAME, db_default=EndProration.SAME
    )
    change_proration = models.CharField(
        max_length=16, choices=ChangeProration.choices, default=ChangeProration.SAME, db_default=ChangeProration.SAME
    )
    # What a day costs on which the line is suspended, in per cent of the fee: 100 all, 0 nothing.
    suspended_percent = models.PositiveSmallIntegerField(default=WHOLE_FEE, db_default=WHOLE_FEE)

    class Meta:
        """Fields alone."""

        abstract = True


def fee_constraints(name: str) -> list[models.BaseConstraint]:
    """Return the constraints of the terms of a fee, for a table whose constraints begin with a name."""
    return [
        models.CheckConstraint(condition=Q(months__in=LENGTHS), name=f"{name}_length_known"),
        models.CheckConstraint(condition=Q(suspended_percent__lte=WHOLE_FEE), name=f"{name}_suspended_at_most_whole"),
    ]
